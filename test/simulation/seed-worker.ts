import { Worker } from 'node:worker_threads';
import type { SeedResult } from './run-seed.ts';

/** A thread that simulates one seed at a time. */
export class SeedWorker {
  readonly #worker: Worker;

  constructor(assembly: string, minutes: number) {
    this.#worker = new Worker(new URL('./seed-worker-thread.ts', import.meta.url), {
      workerData: { assembly, minutes },
    });
  }

  /** @returns the result, without its history. Throws when the simulation itself fails. */
  run(seed: number): Promise<SeedResult> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) => reject(new Error(`Seed ${seed} could not be simulated.`, { cause: error }));
      this.#worker.once('message', (result: SeedResult) => {
        this.#worker.off('error', fail);
        resolve(result);
      });
      this.#worker.once('error', fail);
      this.#worker.postMessage(seed);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
