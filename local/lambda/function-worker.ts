/** One execution environment of a Lambda function: loads the bundle once, then handles one event at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import * as v from 'valibot';

const { bundle } = v.parse(v.object({ bundle: v.string() }), workerData);
const invocation = v.object({
  event: v.unknown(),
  requestId: v.string(),
  functionArn: v.string(),
  functionName: v.string(),
  deadlineMs: v.number(),
});
const loadable = v.object({ handler: v.function() });

if (!parentPort) throw new Error('function-worker.ts runs as a worker thread; local/lambda/functions.ts starts it.');
const port = parentPort;
const loaded = import(bundle).then((module: unknown) => v.parse(loadable, { ...Object(module) }));
loaded.catch(() => {}); // told to whoever invokes

port.on('message', async (message: unknown) => {
  const { event, requestId, functionArn, functionName, deadlineMs } = v.parse(invocation, message);
  const context = {
    awsRequestId: requestId,
    invokedFunctionArn: functionArn,
    functionName,
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
  try {
    const { handler } = await loaded;
    port.postMessage({ result: (await handler(event, context)) ?? null });
  } catch (error) {
    const { name, message: text, stack } = error instanceof Error ? error : new Error(String(error));
    port.postMessage({ failure: { errorType: name, errorMessage: text, trace: (stack ?? '').split('\n') } });
  }
});
