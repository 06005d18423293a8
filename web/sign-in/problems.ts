/** Turns a failed sign-in into a sentence. */
import * as oauth from 'oauth4webapi';
import { Offline, SignedOut } from '../api/errors.ts';

interface Config {
  readonly endpoints: { readonly token: string };
}

export function signInProblem(cause: unknown, config: Config): Error {
  return new Error(sentenceOf(cause, originOf(config)), { cause });
}

/** `SignedOut` when the issuer has ended the sign-in, and `Offline` when it may go on as soon as the issuer answers. */
export function renewalProblem(cause: unknown, config: Config): SignedOut | Offline {
  if (!isAway(cause)) return new SignedOut();
  return new Offline(`${originOf(config)} does not answer, so your sign-in is not renewed yet.`, { cause });
}

function sentenceOf(error: unknown, origin: string): string {
  if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError) {
    const { error: code, error_description: description } = error;
    if (code === 'access_denied')
      return 'The sign-in was cancelled, or your identity provider does not let you in here.';
    return `Your identity provider refused the sign-in: ${short(description ?? code)}`;
  }
  if (isUnread(error)) {
    return `${origin} does not answer this page. It must accept this page’s origin, ${location.origin}, for its public client.`;
  }
  if (isAway(error)) return `${origin} does not answer as an identity provider does. Try again in a minute.`;
  return 'The answer of the identity provider did not pass its checks. Sign in again.';
}

const originOf = ({ endpoints }: Config): string => new URL(endpoints.token).origin;

/** fetch tells a page no more than this about a request to another origin. */
const isUnread = (error: unknown): boolean => error instanceof TypeError && !('code' in error);

/** No answer, a late one, or one that is none of the protocol, such as the page of a proxy. */
const isAway = (error: unknown): boolean =>
  isUnread(error) ||
  (error instanceof DOMException && error.name === 'TimeoutError') ||
  (error instanceof oauth.OperationProcessingError && awayCodes.includes(error.code ?? ''));

const awayCodes: readonly string[] = [oauth.RESPONSE_IS_NOT_CONFORM, oauth.RESPONSE_IS_NOT_JSON, oauth.PARSE_ERROR];

const short = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);
