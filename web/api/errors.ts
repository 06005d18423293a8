/** The ways in which a request fails, each with a sentence for the person. */

/** The API has refused. The message is its sentence. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;

  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

/** The API gave no answer. */
export class Offline extends Error {
  override readonly name = 'Offline';

  constructor(cause: unknown) {
    super('The API does not answer. This page tries again by itself.', { cause });
  }
}

/** The token is over, or the issuer has withdrawn it. */
export class SignedOut extends Error {
  override readonly name = 'SignedOut';

  constructor() {
    super('Your sign-in is over. Sign in again. Your bastion runs on meanwhile.');
  }
}

/** API Gateway's own answers have no sentence. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html */
export function gatewaySentence(status: number): string {
  if (status === 403)
    return 'This deployment takes requests signed with AWS credentials only. Use the command, or ask its operator to set oidcIssuer.';
  if (status === 429) return 'Too many requests came at once. Try again in a few seconds.';
  if (status >= 500) return 'The API could not answer in time. Try again.';
  return `The API answered with ${status}, which this page does not know. Reload it.`;
}
