import type { Clock } from '../../core/session/ports.ts';
import { isNamed } from '../aws-errors.ts';

const pausesMs = [100, 200, 400, 800, 1600, 3200];

/**
 * Tries again while AWS does not know yet what it has just made, about six seconds in all.
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

/**
 * EC2 does not know the group, or not yet. It asks what the caller may do before it looks whether the group is there; our
 * permissions hang on a tag, which no unknown group carries; so EC2 may deny where it would have said so. Seen with instances:
 * https://github.com/aws/karpenter-provider-aws/issues/2100
 */
export const groupUnknown = (error: unknown): boolean =>
  isNamed(error, 'InvalidGroup.NotFound', 'UnauthorizedOperation') ||
  (isNamed(error, 'InvalidParameterException') && /security group/i.test(error instanceof Error ? error.message : ''));
