/** One world, one seed: a few people and services over some hours with faults, then rest, then judgement. */
import { startLeaseMs } from '../../lambdas/core/session/session.ts';
import { type Deployment, deployInProcess } from '../support/deployment.ts';
import { secretOf } from '../support/secret.ts';
import { minuteMs, secondMs } from '../support/time.ts';
import { person, service } from './actors.ts';
import { Dice } from './dice.ts';
import { skewMs } from './expectations.ts';
import { type FaultRates, faultInjector } from './faults.ts';
import { checkRest } from './final-state.ts';
import { Keeper } from './keep-tag-actor.ts';
import { Oracle } from './oracle.ts';
import { Orphans, Strangers } from './strangers.ts';

export interface SeedResult {
  readonly seed: number;
  /** Sessions that the table has seen. */
  readonly sessions: number;
  readonly faults: number;
  readonly violations: readonly string[];
  readonly history: readonly string[];
}

/** From one pass of the reaper to the next. */
const passMs = minuteMs;
/** Long enough for an expiry and a check-up, short enough for many worlds. */
export const worldMinutes = 45;

/** @param minutes of business; the same seed with other minutes is another world */
export async function runSeed(assembly: string, seed: number, minutes = worldMinutes): Promise<SeedResult> {
  const dice = new Dice(seed);
  const rates: FaultRates = {
    call: dice.pick([0, 0.01, 0.03, 0.08]),
    delivery: dice.pick([0, 0.05, 0.25, 0.6]),
    latencyMs: dice.pick([0, 50, 300, 1000]),
  };
  const lingerMs = dice.pick([1000, 1000, 20 * secondMs, 2 * minuteMs, 15 * minuteMs]);
  const linger = dice.fork();
  const skews = dice.fork();
  let faulty = false;
  let bastions: Deployment | undefined;
  const stage = () => {
    if (!bastions) throw new Error('The stack is not deployed yet.');
    return bastions;
  };
  const oracle = new Oracle(stage);
  let inject: ReturnType<typeof faultInjector> | undefined;
  bastions = await deployInProcess(assembly, {
    seed,
    skewMs: () => skews.between(-skewMs / 2, skewMs / 2),
    delays: () => ({
      visibilityMs: faulty ? linger.pick([0, 0, 300, 1500]) : 0,
      pullingMs: linger.pick([1200, 1200, 1200, 3000, 3000, 3000, 8000, 30 * secondMs]),
      // What lingers when faults end keeps lingering; what ends later, by its expiry say, goes soon.
      deprovisioningMs: faulty && linger.chance(0.4) ? lingerMs : 1000,
    }),
    onCall: (call, proceed, invocation) => {
      const watched = () => oracle.watch(call, proceed, invocation?.title);
      return faulty && inject ? inject(call, watched, invocation) : watched();
    },
  });
  const { clock } = bastions;
  inject = faultInjector({ clock, dice: dice.fork() }, rates, (victim, what) => oracle.fault(victim, what));
  const strangers = await Strangers.settle(bastions);
  const secret = await secretOf(bastions);
  oracle.begin();
  // In some worlds only: the wait for the sweeper takes its time.
  const orphans = seed % 4 === 0 ? await Orphans.leave(bastions) : undefined;
  faulty = true;

  const until = clock.now() + minutes * minuteMs;
  const common = { bastions, oracle, until, secret };
  const keeper = new Keeper();
  const everybody = Promise.all([
    // In some worlds only: what is kept is not removed, and that is what most worlds are about.
    ...(seed % 4 === 1 ? [keeper.goAbout({ ...common, dice: dice.fork() })] : []),
    ...[1, 2, 3].map((n) => person({ ...common, dice: dice.fork() }, `user${n}`, n)),
    ...[1, 2].map((n) => service({ ...common, dice: dice.fork() }, n)),
  ]);
  await clock.run(everybody, 3 * minutes * minuteMs);

  faulty = false;
  oracle.note('faults end');
  // What was being started dies with its lease, and interfaces go as late as they will; then the reaper passes twice.
  await clock.advance(Math.max(startLeaseMs, lingerMs) + 2 * passMs);
  await checkRest(bastions, oracle, clock.now() - passMs);
  await keeper.letGo(bastions, oracle);
  await clock.advance(2 * passMs);
  await checkRest(bastions, oracle, clock.now() - passMs);
  if (orphans) {
    // Noted, confirmed, and a group once its interface is gone.
    await clock.advance(lingerMs + 31 * minuteMs);
    await orphans.checkGone(bastions, oracle);
  }
  await strangers.checkUntouched(bastions, oracle);
  await bastions.aws.close();
  return {
    seed,
    sessions: oracle.sessions,
    faults: oracle.faults,
    violations: oracle.violations,
    history: oracle.history,
  };
}
