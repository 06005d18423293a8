/** What may happen to the calls of a test: `onCall` of its deployment. */
import { AwsError, type Call, type Interceptor } from '../../local/aws/wire.ts';

/** Every event, schedule and asynchronous invocation is lost. */
export const nothingArrives: Interceptor = async (call, proceed) => (call.kind === 'delivery' ? undefined : proceed());

const broken = new AwsError('InternalError', 'An internal error has occurred', 500);

export const failing =
  (fails: (call: Call) => boolean, error = broken): Interceptor =>
  async (call, proceed) => {
    if (fails(call)) throw error;
    return proceed();
  };
