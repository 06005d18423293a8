/** Interceptors of a test's calls, for the option `onCall` of its deployment. */
import { AwsError, type Call, type Interceptor } from '../../emulator/wire.ts';

/** Every event, schedule and asynchronous invocation is lost. */
export const nothingArrives: Interceptor = async (call, proceed) => (call.kind === 'delivery' ? undefined : proceed());

const internalError = new AwsError('InternalError', 'An internal error has occurred', 500);

/** AWS answers the calls that fit with this error. */
export const failing =
  (fits: (call: Call) => boolean, error = internalError): Interceptor =>
  async (call, proceed) => {
    if (fits(call)) throw error;
    return proceed();
  };

/** Replaces the first call of an action. */
export function once(action: string, happen: (proceed: () => Promise<unknown>) => Promise<unknown>): Interceptor {
  let hasHappened = false;
  return (call, proceed) => {
    if (hasHappened || call.action !== action) return proceed();
    hasHappened = true;
    return happen(proceed);
  };
}

/** A call that AWS never answers. */
export const unanswered = () => new Promise<never>(() => {});

/** The answer of RunTask when no capacity is left: status 200, with a failure in it. */
export const noCapacityAnswer = { tasks: [], failures: [{ reason: 'Capacity is unavailable at this time.' }] };

export const noCapacity: Interceptor = async (call, proceed) =>
  call.action === 'RunTask' ? noCapacityAnswer : proceed();

/** DescribeTasks finds no task. */
export const missing: Interceptor = async ({ action, input }, proceed) =>
  action === 'DescribeTasks'
    ? { tasks: [], failures: Object(input).tasks.map((arn: string) => ({ arn, reason: 'MISSING' })) }
    : proceed();

/** The call has its effect, and its answer is an error. */
export const lost = async (proceed: () => Promise<unknown>) => {
  await proceed();
  throw new AwsError('InternalFailure', 'An internal error has occurred', 500);
};
