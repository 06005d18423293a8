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

/** No answer came, or one of somebody in between. The same request may succeed a little later. */
export class Offline extends Error {
  override readonly name = 'Offline';
}

export const noAnswer = (cause: unknown): Offline =>
  new Offline('The API does not answer. Check your network.', { cause });

/** A network that wants a sign-in of its own answers every request with its page, and a proxy with its error. */
export const notTheApi = (cause: unknown): Offline =>
  new Offline(
    'The answer is not in the form of the API. A network where you must sign in first gives such answers. Else reload this page.',
    { cause },
  );

/** The token is over, or the issuer has withdrawn it. */
export class SignedOut extends Error {
  override readonly name = 'SignedOut';

  constructor() {
    super('Your sign-in is over. Sign in again. Your bastion runs on meanwhile.');
  }
}

/**
 * API Gateway's own answers have no sentence. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html
 * @param hasToken whether the request bore the token of a sign-in
 */
export function gatewaySentence(status: number, hasToken: boolean): string {
  if (status === 403) {
    return hasToken
      ? 'Your sign-in lacks the scope that this deployment requires. Ask its operator to compare the setting oidcScopes with the identity provider.'
      : 'This deployment takes requests signed with AWS credentials only. Use the command, or ask its operator to set oidcIssuer.';
  }
  if (status === 429) return 'Too many requests came at once. Try again in a few seconds.';
  if (status >= 500) return 'The API could not answer in time. Try again.';
  return `The API answered with ${status}, which this page does not know. Reload it.`;
}
