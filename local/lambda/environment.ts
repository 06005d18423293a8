/** One execution environment of a Lambda function: a worker thread that runs the deployed bundle, one event at a time. */
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import * as v from 'valibot';
import type { InvocationContext } from '../../emulator/lambda/lambda.ts';

export interface FunctionSpec {
  readonly name: string;
  /** Path of the bundled module that exports `handler`. */
  readonly bundle: string;
  /** All variables of the function. It inherits none of this process's. */
  readonly environment: Readonly<Record<string, string>>;
  /** Receives each line that the function logs. */
  readonly log: (line: string) => void;
}

const answer = v.union([
  v.object({ result: v.unknown() }),
  v.object({ failure: v.object({ errorType: v.string(), errorMessage: v.string(), trace: v.array(v.string()) }) }),
]);

export class Environment {
  readonly spec: FunctionSpec;
  readonly #worker: Worker;
  #isAlive = true;

  /** `onEnd` is called once, after the environment has ended. */
  constructor(spec: FunctionSpec, onEnd: () => void) {
    this.spec = spec;
    const worker = new Worker(new URL('./function-worker.js', import.meta.url), {
      workerData: { bundle: pathToFileURL(spec.bundle).href },
      env: { ...spec.environment },
      stdout: true,
      stderr: true,
    });
    worker.on('error', (error) => {
      this.#isAlive = false;
      spec.log(String(error));
    });
    worker.once('exit', () => {
      this.#isAlive = false;
      onEnd();
    });
    for (const stream of [worker.stdout, worker.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => {
        for (const line of text.split('\n')) if (line !== '') spec.log(line);
      });
    }
    this.#worker = worker;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Resolves with the handler's result. Rejects with the handler's error, and ends when the signal aborts. */
  async invoke(event: unknown, context: InvocationContext): Promise<unknown> {
    const worker = this.#worker;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const onExit = () => reject(named('Runtime.ExitError', 'The function ended without an answer.'));
    const onTimeout = () => void this.end();
    worker.once('message', resolve).once('error', reject).once('exit', onExit);
    context.signal.addEventListener('abort', onTimeout);
    const { requestId, functionArn, deadlineMs } = context;
    worker.postMessage({ event, requestId, functionArn, functionName: this.spec.name, deadlineMs });
    try {
      const reply = v.parse(answer, await promise);
      if ('result' in reply) return reply.result;
      const { errorType, errorMessage, trace } = reply.failure;
      this.spec.log(JSON.stringify({ level: 'ERROR', message: `${errorType}: ${errorMessage}`, trace }));
      throw named(errorType, errorMessage);
    } finally {
      context.signal.removeEventListener('abort', onTimeout);
      worker.off('message', resolve).off('error', reject).off('exit', onExit);
    }
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

function named(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}
