/** What AWS's errors mean to us. One table; everything it does not name passes through as it came. */
import { AwsRefused, AwsUnavailable } from '../core/session/errors.ts';

interface AwsError extends Error {
  readonly $metadata: { readonly attempts?: number; readonly httpStatusCode?: number };
}

/** Names of what passes by itself: rates, quotas, faults on AWS's side. */
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

/** Wording of quotas and capacity, which come under several names. */
const quotaSentence = /limit on the number of|Capacity is unavailable/i;

export function isAwsError(error: unknown): error is AwsError {
  return error instanceof Error && '$metadata' in error;
}

export const isNamed = (error: unknown, ...names: string[]): boolean =>
  error instanceof Error && names.includes(error.name);

/** How often the SDK had tried when it gave up. */
export const attemptsOf = (error: unknown): number => (isAwsError(error) ? (error.$metadata.attempts ?? 1) : 1);

/**
 * Turns what AWS answered into a domain error. Only a first and single refusal proves that nothing was made: when the SDK has
 * tried several times, or no answer came at all, an earlier try may have had its effect, and the error says so.
 */
export function inOurWords(error: unknown, what: string, isUncertain = attemptsOf(error) !== 1): unknown {
  if (!isAwsError(error)) return error;
  const circumstances = { cause: error, mayHaveHappened: isUncertain || !(isRefusal(error) || isThrottle(error)) };
  return isOutage(error)
    ? new AwsUnavailable(`AWS could not ${what} right now: ${sentenceOf(error)}`, circumstances)
    : new AwsRefused(`AWS refused to ${what} (${error.name}).`, circumstances);
}

/** For calls that no adapter puts into words of its own: any call may be throttled or meet a fault. */
export function outageOf(error: unknown): AwsUnavailable | undefined {
  const told = inOurWords(error, 'do its part');
  return told instanceof AwsUnavailable ? told : undefined;
}

/** ECS refuses, as if the request were wrong, because EC2 has throttled or failed it: `… (ErrorCode: Throttling)`. */
export const isOutageBehind = (error: unknown): error is AwsError =>
  isAwsError(error) && codeBehind(error) !== undefined && isOutage(error);

const isOutage = (error: AwsError): boolean =>
  !isRefusal(error) ||
  passing.some((name) => name.test(codeBehind(error) ?? error.name)) ||
  quotaSentence.test(error.message);

function isRefusal({ $metadata: { httpStatusCode = 0 } }: AwsError): boolean {
  return httpStatusCode >= 400 && httpStatusCode < 500;
}

const isThrottle = (error: Error): boolean => error.name === 'RequestLimitExceeded';

const codeBehind = ({ message }: Error): string | undefined => /\(ErrorCode: (\w+)\)/.exec(message)?.[1];

const sentenceOf = ({ name, message }: Error): string => (name === 'TimeoutError' ? 'it did not answer' : message);

/** True when the write was done, false when its condition did not hold. */
export async function unlessCondition(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (isNamed(error, 'ConditionalCheckFailedException')) return false;
    throw error;
  }
}
