/** Turns a failed sign-in into a sentence. */
import * as oauth from 'oauth4webapi';

export function signInProblem(cause: unknown, { endpoints }: { endpoints: { token: string } }): Error {
  return new Error(sentenceOf(cause, new URL(endpoints.token).origin), { cause });
}

function sentenceOf(error: unknown, origin: string): string {
  if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError) {
    const { error: code, error_description: description } = error;
    if (code === 'access_denied')
      return 'The sign-in was cancelled, or your identity provider does not let you in here.';
    return `Your identity provider refused the sign-in: ${short(description ?? code)}`;
  }
  // fetch tells a page no more than this about a request to another origin.
  if (error instanceof TypeError && !('code' in error)) {
    return `${origin} does not answer this page. It must accept this page’s origin, ${location.origin}, for its public client.`;
  }
  return 'The answer of the identity provider did not pass its checks. Sign in again.';
}

const short = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);
