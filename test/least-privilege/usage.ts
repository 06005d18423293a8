/** Runs every life, and says of every call whether its role may make it, and of every grant how often it was used. */

import { type Judgement, Recorder } from './recorder.ts';
import type { Role } from './roles.ts';
import { record, recordWorld } from './runs.ts';
import { lives } from './scenarios.ts';

/** Of the worlds in which everybody acts at random. */
const seeds = Array.from({ length: 24 }, (_, n) => n + 1);

export interface Usage extends Judgement {
  readonly roles: readonly Role[];
}

/** @param assembly directory of the synthesized stack */
export async function recordUsage(assembly: string): Promise<Usage> {
  const recorder = new Recorder(assembly);
  for (const run of Object.values(lives)) await record(recorder, assembly, run);
  for (const seed of seeds) await recordWorld(recorder, assembly, seed);
  return { roles: recorder.roles, ...(await recorder.judge()) };
}
