import type { Clock } from '../../core/session/ports.ts';
import { isNamed } from '../errors.ts';

const pausesMs = [100, 200, 400, 800, 1600, 3200];

/**
 * Repeats a call while AWS does not know yet what it has just made, for about six seconds.
 * https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
 */
export async function untilKnown<T>(
  clock: Clock,
  isUnknown: (error: unknown) => boolean,
  call: () => Promise<T>,
): Promise<T> {
  for (const pauseMs of pausesMs) {
    try {
      return await call();
    } catch (error) {
      if (!isUnknown(error)) throw error;
      await clock.sleep(pauseMs);
    }
  }
  return call();
}

/** Repeats a look for something that AWS may not show yet, for as long. Returns undefined if it never finds it. */
export async function untilFound<T>(clock: Clock, find: () => Promise<T | undefined>): Promise<T | undefined> {
  for (const pauseMs of pausesMs) {
    const found = await find();
    if (found !== undefined) return found;
    await clock.sleep(pauseMs);
  }
  return find();
}

/**
 * True when EC2 does not know the group, or not yet. EC2 checks the caller's permission before it looks for the group. Our
 * permissions require a tag, which an unknown group does not carry. So EC2 may deny a call instead of reporting that the group
 * is unknown. It does so with instances: https://github.com/aws/karpenter-provider-aws/issues/2100
 */
export const groupUnknown = (error: unknown): boolean =>
  isNamed(error, 'InvalidGroup.NotFound', 'UnauthorizedOperation') ||
  (isNamed(error, 'InvalidParameterException') && /security group/i.test(error instanceof Error ? error.message : ''));
