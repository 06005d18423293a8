/** Simulates the seeds it is sent, one after the other, and answers with each result. */
import { parentPort, workerData } from 'node:worker_threads';
import * as v from 'valibot';
import { runSeed } from './run-seed.ts';

const { assembly, minutes } = v.parse(v.object({ assembly: v.string(), minutes: v.number() }), workerData);

parentPort?.on('message', async (seed: number) => {
  // The history of a seed can be had again from the seed: it need not cross threads.
  parentPort?.postMessage({ ...(await runSeed(assembly, seed, minutes)), history: [] });
});
