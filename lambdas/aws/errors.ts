/** AWS's errors as domain errors. Each adapter translates the errors of its own calls, and passes none of the SDK's on. */
import { AwsRefused, AwsUnavailable } from '../core/session/errors.ts';

interface AwsError extends Error {
  readonly $metadata: { readonly attempts?: number; readonly httpStatusCode?: number };
}

/** Names of errors that pass by themselves: rates, quotas, faults on AWS's side. */
const passing = [
  /^Throttl/,
  /^TooManyRequests/,
  /LimitExceeded$/,
  /ThroughputExceeded/,
  /^BlockedException$/,
  /^ServerException$/,
  /^Internal/,
  /^(Service)?Unavailable/,
];

/** The wording of quotas and capacity, which come under several names. */
const quotaSentence = /limit on the number of|Capacity is unavailable/i;

export function isAwsError(error: unknown): error is AwsError {
  return error instanceof Error && '$metadata' in error;
}

export const isNamed = (error: unknown, ...names: string[]): boolean =>
  error instanceof Error && names.includes(error.name);

/** How often the SDK had tried when it gave up. */
export const attemptsOf = (error: unknown): number => (isAwsError(error) ? (error.$metadata.attempts ?? 1) : 1);

/**
 * Turns an error of the SDK into a domain error. Any other error comes back as it is. Only a first and single refusal proves
 * that nothing happened. After several tries, or without an answer, an earlier try may have had its effect, and the error says
 * so in `mayHaveHappened`.
 *
 * @param action the failed call in words, after "could not": "read the session"
 */
export function toDomainError(error: unknown, action: string, isUncertain = attemptsOf(error) !== 1): unknown {
  if (!isAwsError(error)) return error;
  const circumstances = { cause: error, mayHaveHappened: isUncertain || !(isRefusal(error) || isThrottle(error)) };
  return isOutage(error)
    ? new AwsUnavailable(`AWS could not ${action} right now: ${sentenceOf(error)}`, circumstances)
    : new AwsRefused(`AWS refused to ${action} (${error.name}).`, circumstances);
}

/** For `catch`: throws the domain error of a failed call. `send(command).catch(failedTo('read the session'))` */
export const failedTo =
  (action: string) =>
  (error: unknown): never => {
    throw toDomainError(error, action);
  };

/** The pages of a paginator, with its errors as domain errors. */
export async function* pagesOf<Page>(paginator: AsyncIterable<Page>, action: string): AsyncIterable<Page> {
  try {
    yield* paginator;
  } catch (error) {
    throw toDomainError(error, action);
  }
}

/** True when ECS refuses a request as wrong, because EC2 has throttled or failed it: `… (ErrorCode: Throttling)`. */
export const isOutageBehind = (error: unknown): error is AwsError =>
  isAwsError(error) && codeBehind(error) !== undefined && isOutage(error);

const isOutage = (error: AwsError): boolean =>
  !isRefusal(error) ||
  passing.some((name) => name.test(codeBehind(error) ?? error.name)) ||
  quotaSentence.test(error.message);

function isRefusal({ $metadata: { httpStatusCode = 0 } }: AwsError): boolean {
  return httpStatusCode >= 400 && httpStatusCode < 500;
}

/** True when EC2 refuses because the account asks too often. */
export const isThrottle = (error: unknown): boolean => isNamed(error, 'RequestLimitExceeded');

const codeBehind = ({ message }: Error): string | undefined => /\(ErrorCode: (\w+)\)/.exec(message)?.[1];

const sentenceOf = ({ name, message }: Error): string => (name === 'TimeoutError' ? 'it did not answer' : message);

/** True when the write happened, false when its condition did not hold. Throws a domain error for any other failure. */
export async function unlessCondition(write: Promise<unknown>, action: string): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (isNamed(error, 'ConditionalCheckFailedException')) return false;
    throw toDomainError(error, action);
  }
}
