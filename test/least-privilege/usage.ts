/** Runs every life, and says of every call whether its role may make it, and of every grant how often it was used. */
import { readStack } from '../../local/stack.ts';
import { lives } from './lives.ts';
import type { IamRequest } from './mapping.ts';
import { Recorder } from './recorder.ts';
import { type Grant, grantsFor, place, type Role, readTemplate, rolesOf } from './roles.ts';
import { record, recordWorld } from './runs.ts';

/** Of the worlds in which everybody acts at random. */
const seeds = Array.from({ length: 24 }, (_, n) => n + 1);

export interface Usage {
  readonly roles: readonly Role[];
  /** Different requests that were recorded. */
  readonly requests: number;
  /** Those among them that the role of the caller does not allow. */
  readonly denied: readonly { readonly role: string; readonly request: IamRequest }[];
  /** How many recorded calls needed the grant; 0 for those that none did. */
  readonly calls: ReadonlyMap<Grant, number>;
}

/** @param assembly directory of the synthesized stack */
export async function recordUsage(assembly: string): Promise<Usage> {
  const template = await readTemplate(assembly);
  const roles = rolesOf(template);
  const recorder = new Recorder(template, roles, readStack(assembly, place).functions);
  for (const run of Object.values(lives)) await record(recorder, assembly, run);
  for (const seed of seeds) await recordWorld(recorder, assembly, seed);

  const denied: { role: string; request: IamRequest }[] = [];
  const used = new Map(roles.flatMap(({ grants }) => grants.map((grant) => [grant, 0])));
  for (const { role, request, calls } of recorder.recorded) {
    const grants = await grantsFor(role, request);
    if (grants.length === 0) denied.push({ role: role.name, request });
    for (const grant of grants) used.set(grant, (used.get(grant) ?? 0) + calls);
  }
  return { roles, requests: recorder.recorded.length, denied, calls: used };
}
