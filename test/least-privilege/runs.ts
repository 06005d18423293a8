/** Has the stack live a life in process, with every call taken down. */
import { person, service } from '../simulation/actors.ts';
import { Dice } from '../simulation/dice.ts';
import { faultInjector } from '../simulation/fault-injector.ts';
import { Oracle } from '../simulation/oracle.ts';
import type { Deployment } from '../support/deployment.ts';
import { secretOf } from '../support/secret.ts';
import { minuteMs } from '../support/time.ts';
import { deployRecorded } from './deploy-recorded.ts';
import type { Recorder } from './recorder.ts';
import type { Run } from './scenarios.ts';

const worldMinutes = 15;

export async function record(recorder: Recorder, assembly: string, { options, act }: Run): Promise<void> {
  const deployed = await deployRecorded(recorder, assembly, options);
  await act(deployed);
  await deployed.aws.close();
}

/** People and services at random for a while, on an AWS that fails, loses and repeats: the simulation's, taken down. */
export async function recordWorld(recorder: Recorder, assembly: string, seed: number): Promise<void> {
  const dice = new Dice(seed);
  let deployed: Deployment | undefined;
  let inject: ReturnType<typeof faultInjector> | undefined;
  const stage = () => {
    if (!deployed) throw new Error('The stack is not deployed yet.');
    return deployed;
  };
  const oracle = new Oracle(stage);
  deployed = await deployRecorded(recorder, assembly, {
    seed,
    delays: { visibilityMs: dice.pick([0, 300]), deprovisioningMs: dice.pick([1000, 5 * minuteMs]) },
    onCall: (call, proceed, invocation) => {
      const judged = () => oracle.watch(call, proceed);
      return inject?.(call, judged, invocation) ?? judged();
    },
  });
  const { clock } = deployed;
  const secret = await secretOf(deployed);
  inject = faultInjector({ clock, dice: dice.fork() }, { call: 0.04, delivery: 0.1, latencyMs: 0 }, (victim, what) =>
    oracle.fault(victim, what),
  );
  oracle.begin();
  const common = { bastions: deployed, oracle, until: clock.now() + worldMinutes * minuteMs, secret };
  const everybody = Promise.all([
    ...[1, 2, 3].map((n) => person({ ...common, dice: dice.fork() }, `user${n}`, n)),
    ...[1, 2].map((n) => service({ ...common, dice: dice.fork() }, n)),
  ]);
  await clock.run(everybody, 3 * worldMinutes * minuteMs);
  await clock.advance(10 * minuteMs);
  await deployed.aws.close();
}
