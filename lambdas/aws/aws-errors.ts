/** What AWS's errors mean to us. One table; everything it does not name passes through as it came. */
import { AwsUnavailable, BastionError } from '../core/errors.ts';

/** AWS has understood and refused, so nothing was made. Asking again does not help: a permission or a setting is wrong. */
export class AwsRefused extends BastionError {
  override readonly name = 'AwsRefused';
}

interface AwsError extends Error {
  readonly $fault?: 'client' | 'server';
  readonly $metadata: { readonly attempts?: number };
}

const unavailable: readonly RegExp[] = [
  /^Throttl/,
  /^RequestLimitExceeded$/,
  /LimitExceeded$/,
  /^RulesPerSecurityGroupLimitExceeded$/,
  /^BlockedException$/,
  /^ServerException$/,
];

/** Wording of the quota on vCPUs, which comes under several names. */
const quotaSentence = /limit on the number of|Capacity is unavailable/i;

export function isAwsError(error: unknown): error is AwsError {
  return error instanceof Error && '$metadata' in error;
}

export const isNamed = (error: unknown, ...names: string[]): boolean =>
  error instanceof Error && names.includes(error.name);

/**
 * Turns an AWS refusal into a domain error. Only a first and single answer proves that nothing was made: when the SDK has
 * tried several times, an earlier try may have had its effect, so the error passes as it is: outcome unknown.
 */
export function inOurWords(error: unknown, what: string): unknown {
  if (!isAwsError(error) || (error.$metadata.attempts ?? 1) > 1) return error;
  if (unavailable.some((name) => name.test(error.name)) || quotaSentence.test(error.message)) {
    return new AwsUnavailable(`AWS could not ${what} right now: ${error.message}`, { cause: error });
  }
  if (error.$fault === 'client') return new AwsRefused(`AWS refused to ${what} (${error.name}).`, { cause: error });
  return error;
}

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
