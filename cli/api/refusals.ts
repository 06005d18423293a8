/** Errors of the API in words, each with the exit code that a script can act on. */
import * as v from 'valibot';
import { errorBody } from '../../contracts/api.ts';
import { CliError, type ExitCode, exitCodes } from '../terminal/errors.ts';
import type { Remedies } from './access.ts';
import { isSkew, skewAdvice } from './clock.ts';
import type { Reply } from './http.ts';

/** A reply of the API that is an error. */
export class ApiError extends CliError {
  readonly status: number;
  /** Whether the functions gave it. API Gateway has errors of its own, in other words. */
  readonly isFunctions: boolean;

  constructor(status: number, isFunctions: boolean, message: string) {
    super(message, exitCodeOf(status, isFunctions, message));
    this.name = 'ApiError';
    this.status = status;
    this.isFunctions = isFunctions;
  }
}

/** The API did not answer. */
export class Unreachable extends CliError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, exitCodes.failed, options);
    this.name = 'Unreachable';
  }
}

/** An error of the functions, or one of API Gateway's own. */
const body = v.union([errorBody, v.object({ message: v.string() }), v.object({ Message: v.string() })]);

/** Headers with the id to look for in the log: the functions' own, and API Gateway's. */
const requestIds = ['x-request-id', 'apigw-requestid', 'x-amzn-requestid'];

export function refusal({ status, headers, text }: Reply, remedies: Remedies): ApiError {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), body), text);
  const said = parsed.success ? sentenceIn(parsed.output) : `The API answered ${status} without a reason.`;
  const isFunctions = parsed.success && 'ErrorMessage' in parsed.output;
  if (!isFunctions && status === 401) return new ApiError(status, false, withRequestId(remedies.unauthorized, headers));
  const remedy = remedyFor(status, said, headers.date, remedies) ?? (isFunctions ? undefined : generalRemedy(status));
  const words = remedy === undefined ? said : `${said}${/[.!?]$/.test(said) ? '' : '.'} ${remedy}`;
  return new ApiError(status, isFunctions, withRequestId(words, headers));
}

/** A reply that no deployment gives. A portal of the network may have given it, or the URL is another service's. */
export const badReply = (got: string, headers: Reply['headers'] = {}): CliError =>
  new CliError(
    withRequestId(
      `The API's reply cannot be used: ${got}. Compare the URL with the output ApiUrl of the stack.`,
      headers,
    ),
    exitCodes.failed,
  );

function withRequestId(words: string, headers: Reply['headers']): string {
  const id = requestIds.map((name) => headers[name]).find((value) => typeof value === 'string');
  return id === undefined ? words : `${words} (request ${id})`;
}

function remedyFor(
  status: number,
  said: string,
  date: string | undefined,
  { expired, forbidden }: Remedies,
): string | undefined {
  if (isSkew(said)) return skewAdvice(date);
  if (isExpiry(status, said)) return expired;
  return said === 'Forbidden' ? forbidden : generalRemedies[said];
}

/** For what the functions have not said: API Gateway, a proxy, or another program at the URL. */
function generalRemedy(status: number): string | undefined {
  if (status >= 500) return 'Try again in a minute.';
  if (status === 401 || status === 403) return undefined;
  return 'Compare the URL with the output ApiUrl of the stack, or with the one that npm start prints.';
}

/** The token of temporary credentials has run out. */
const isExpiry = (status: number, said: string): boolean => status === 403 && /expired/i.test(said);

const sentenceIn = (output: v.InferOutput<typeof body>): string => {
  if ('ErrorMessage' in output) return output.ErrorMessage;
  return 'message' in output ? output.message : output.Message;
};

/** API Gateway's own words do not say what to do. */
const generalRemedies: Readonly<Record<string, string>> = {
  'Not Found': 'This URL has no such route. Compare it with the output ApiUrl of the stack.',
  'Too Many Requests': 'Try again in a second.',
};

function exitCodeOf(status: number, isFunctions: boolean, said: string): ExitCode {
  if (isExpiry(status, said) || isSkew(said)) return exitCodes.failed;
  switch (status) {
    case 400:
      return exitCodes.usage;
    case 401:
    case 403:
    case 409:
      return exitCodes.refused;
    case 404:
      return isFunctions ? exitCodes.notLive : exitCodes.failed;
    case 429:
    case 503:
      return exitCodes.tryAgain;
    default:
      return exitCodes.failed;
  }
}
