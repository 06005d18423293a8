/** Runs every scenario. Says of every call whether its role allows it, and of every grant how many calls used it. */

import { type Judgement, Recorder } from './recorder.ts';
import type { Role } from './roles.ts';
import { recordScenario, recordWorld } from './runs.ts';
import { scenarios } from './scenarios.ts';

export interface Usage extends Judgement {
  readonly roles: readonly Role[];
}

/** @param assembly folder of the stack, synthesized with a pool @param worlds how many worlds at random follow the scenarios */
export async function recordUsage(assembly: string, worlds: number): Promise<Usage> {
  const recorder = new Recorder(assembly);
  for (const scenario of Object.values(scenarios)) await recordScenario(recorder, assembly, scenario);
  for (let seed = 1; seed <= worlds; seed++) await recordWorld(recorder, assembly, seed);
  return { roles: recorder.roles, ...(await recorder.judge()) };
}
