/**
 * Lambda's side of a function: the bundle that deploys, in worker threads with the template's environment. Like Lambda, an
 * environment handles one event at a time, stays warm for the next, and is thrown away when it times out.
 */
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import * as v from 'valibot';
import type { InvocationContext } from '../../emulator/lambda/lambda.ts';

export interface FunctionSpec {
  readonly name: string;
  /** Path of the bundled module that exports `handler`. */
  readonly bundle: string;
  /** All of it: nothing of this process's own environment gets in. */
  readonly environment: Readonly<Record<string, string>>;
}

const answer = v.union([
  v.object({ result: v.unknown() }),
  v.object({ failure: v.object({ errorType: v.string(), errorMessage: v.string(), trace: v.array(v.string()) }) }),
]);

export class FunctionRunner {
  readonly #spec: FunctionSpec;
  readonly #log: (line: string) => void;
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();

  constructor(spec: FunctionSpec, log: (line: string) => void) {
    this.#spec = spec;
    this.#log = log;
  }

  /** Resolves with the handler's result; rejects with what the handler threw. */
  async invoke(event: unknown, context: InvocationContext): Promise<unknown> {
    const worker = this.#idle.pop() ?? this.#start();
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const onExit = () => reject(named('Runtime.ExitError', 'The function ended without an answer.'));
    const onTimeout = () => void this.#discard(worker);
    worker.once('message', resolve).once('error', reject).once('exit', onExit);
    context.signal.addEventListener('abort', onTimeout);
    const { requestId, functionArn, deadlineMs } = context;
    worker.postMessage({ event, requestId, functionArn, functionName: this.#spec.name, deadlineMs });
    try {
      const given = v.parse(answer, await promise);
      this.#idle.push(worker);
      if ('result' in given) return given.result;
      const { errorType, errorMessage, trace } = given.failure;
      this.#log(JSON.stringify({ level: 'ERROR', message: `${errorType}: ${errorMessage}`, trace }));
      throw named(errorType, errorMessage);
    } finally {
      context.signal.removeEventListener('abort', onTimeout);
      worker.off('message', resolve).off('error', reject).off('exit', onExit);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map((worker) => this.#discard(worker)));
  }

  #start(): Worker {
    const worker = new Worker(new URL('./function-worker.ts', import.meta.url), {
      workerData: { bundle: pathToFileURL(this.#spec.bundle).href },
      env: { ...this.#spec.environment },
      stdout: true,
      stderr: true,
    });
    this.#all.add(worker);
    // An environment that breaks down between two events is replaced by the next one.
    worker.on('error', (error) => this.#log(String(error)));
    worker.once('exit', () => this.#forget(worker));
    for (const stream of [worker.stdout, worker.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => {
        for (const line of text.split('\n')) if (line !== '') this.#log(line);
      });
    }
    return worker;
  }

  #forget(worker: Worker): void {
    this.#all.delete(worker);
    const at = this.#idle.indexOf(worker);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  async #discard(worker: Worker): Promise<void> {
    this.#forget(worker);
    await worker.terminate();
  }
}

function named(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}
