/** The identity provider's refusals, and the library's errors, as sentences. They keep no cause, which could quote a token. */
import * as oauth from 'oauth4webapi';
import { Unreachable } from '../api/refusals.ts';
import { CliError, exitCodes, oneLine } from '../terminal/errors.ts';

/** The issuer has ended the refresh token, or has taken it once already. */
export class GrantOver extends CliError {}

/** Does some work with the issuer of that name. @throws CliError alone */
export async function inWords<Result>(issuer: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof CliError ? error : problem(error, new URL(issuer).origin);
  }
}

function problem(error: unknown, origin: string): CliError {
  if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError) {
    const { error: code, error_description: said = code } = error;
    if (code === 'access_denied') {
      return new CliError(
        'The sign-in was cancelled, or your identity provider does not let you in here.',
        exitCodes.refused,
      );
    }
    const words = `Your identity provider refused: ${short(said)}`;
    return code === 'invalid_grant' ? new GrantOver(words, exitCodes.refused) : new CliError(words, exitCodes.refused);
  }
  if (error instanceof oauth.OperationProcessingError && notOfTheProtocol.includes(error.code ?? '')) {
    return new Unreachable(
      `Your identity provider ${origin} does not answer as an identity provider does: ${short(error.message)}. Try again in a minute, or tell the operator.`,
    );
  }
  if (error instanceof oauth.OperationProcessingError || error instanceof oauth.WWWAuthenticateChallengeError) {
    return refused(short(error.message));
  }
  const reason = error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : '';
  return new Unreachable(`Your identity provider ${origin} does not answer: ${short(reason)}. Check the network.`);
}

/** A page of a proxy, or an error of a server in between. The issuer itself may be well. */
const notOfTheProtocol: readonly string[] = [
  oauth.RESPONSE_IS_NOT_CONFORM,
  oauth.RESPONSE_IS_NOT_JSON,
  oauth.PARSE_ERROR,
];

export const refused = (why: string): CliError =>
  new CliError(
    `The answer of your identity provider did not pass the checks: ${why}. Sign in again.`,
    exitCodes.failed,
  );

const short = (text: string): string => oneLine(text.length > 200 ? `${text.slice(0, 200)}…` : text);
