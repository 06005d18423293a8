/** Simulates the seeds that `SeedWorker` sends, one after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import * as v from 'valibot';
import { runSeed } from './run-seed.ts';

const { assembly, minutes } = v.parse(v.object({ assembly: v.string(), minutes: v.number() }), workerData);

// Faults are errors, and each stack costs more than the call that it ends. A seed that fails shows its stack when it runs alone.
Error.stackTraceLimit = 0;

parentPort?.on('message', async (seed: number) => {
  // The seed gives its history again, so that the history need not cross threads.
  parentPort?.postMessage({ ...(await runSeed(assembly, seed, minutes)), history: [] });
});
