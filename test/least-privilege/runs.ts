/** Runs a scenario, or a world at random, and records every call. */
import { person, service } from '../simulation/actors.ts';
import { Dice } from '../simulation/dice.ts';
import { faultInjector } from '../simulation/fault-injector.ts';
import { Oracle } from '../simulation/oracle.ts';
import type { Deployment } from '../support/deployment.ts';
import { secretOf } from '../support/secret.ts';
import { hourMs, minuteMs } from '../support/time.ts';
import { deployRecorded } from './deploy-recorded.ts';
import type { Recorder } from './recorder.ts';
import type { Scenario } from './scenario.ts';

const worldMinutes = 15;

/** There is no pool, unless the scenario has one. */
export async function recordScenario(recorder: Recorder, assembly: string, { options, act }: Scenario): Promise<void> {
  const { environment, ...others } = options?.() ?? {};
  const deployed = await deployRecorded(recorder, assembly, {
    ...others,
    environment: { POOL_SIZE: '0', ...environment },
  });
  await act(deployed);
  await deployed.aws.close();
}

/** Lets the simulation's people and services act at random for a while, on an AWS that fails, loses and repeats. */
export async function recordWorld(recorder: Recorder, assembly: string, seed: number): Promise<void> {
  const dice = new Dice(seed);
  let deployed: Deployment | undefined;
  let inject: ReturnType<typeof faultInjector> | undefined;
  const deployment = () => {
    if (!deployed) throw new Error('Got a call before the stack was deployed, expected it after.');
    return deployed;
  };
  const pool = { size: seed % 3 === 1 ? 2 : 0, maxAgeMs: 8 * hourMs };
  const oracle = new Oracle(deployment, { pool });
  deployed = await deployRecorded(recorder, assembly, {
    seed,
    environment: { POOL_SIZE: String(pool.size) },
    delays: { visibilityMs: dice.pick([0, 300]), deprovisioningMs: dice.pick([1000, 5 * minuteMs]) },
    onCall: (call, proceed, invocation) => {
      const watch = () => oracle.watch(call, proceed, invocation?.title);
      return inject?.(call, watch, invocation) ?? watch();
    },
  });
  const { clock } = deployed;
  const secret = await secretOf(deployed);
  inject = faultInjector(
    { clock, dice: dice.fork() },
    { call: 0.04, delivery: 0.1, latencyMs: 0 },
    (victim, description) => oracle.fault(victim, description),
  );
  oracle.begin();
  const common = { bastions: deployed, oracle, until: clock.now() + worldMinutes * minuteMs, secret };
  const actors = Promise.all([
    ...[1, 2, 3].map((n) => person({ ...common, dice: dice.fork() }, `user${n}`, n)),
    ...[1, 2].map((n) => service({ ...common, dice: dice.fork() }, n)),
  ]);
  await clock.run(actors, 3 * worldMinutes * minuteMs);
  await clock.advance(10 * minuteMs);
  await deployed.aws.close();
}
