/** What may happen to the calls of a test: `onCall` of its deployment. */
import { AwsError, type Call, type Interceptor } from '../../emulator/wire.ts';

/** Every event, schedule and asynchronous invocation is lost. */
export const nothingArrives: Interceptor = async (call, proceed) => (call.kind === 'delivery' ? undefined : proceed());

const broken = new AwsError('InternalError', 'An internal error has occurred', 500);

export const failing =
  (fails: (call: Call) => boolean, error = broken): Interceptor =>
  async (call, proceed) => {
    if (fails(call)) throw error;
    return proceed();
  };

/** Does something to the first call of an action. */
export function once(action: string, happen: (proceed: () => Promise<unknown>) => Promise<unknown>): Interceptor {
  let happened = false;
  return (call, proceed) => {
    if (happened || call.action !== action) return proceed();
    happened = true;
    return happen(proceed);
  };
}

/** ECS knows no task when it is asked for one. */
export const missing: Interceptor = async ({ action }, proceed) =>
  action === 'DescribeTasks' ? { tasks: [], failures: [{ reason: 'MISSING' }] } : proceed();

/** The call has its effect, and its answer is an error. */
export const lost = async (proceed: () => Promise<unknown>) => {
  await proceed();
  throw new AwsError('InternalFailure', 'An internal error has occurred', 500);
};
