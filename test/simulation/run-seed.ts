/** Simulates one world from one seed: people and services act while faults hit, then faults end, then the judge looks. */
import { startLeaseMs } from '../../lambdas/core/session/session.ts';
import { type Deployment, deployInProcess } from '../support/deployment.ts';
import { secretOf } from '../support/secret.ts';
import { hourMs, minuteMs, secondMs } from '../support/time.ts';
import { person, poolKiller, service } from './actors.ts';
import { Dice } from './dice.ts';
import { skewMs } from './expectations.ts';
import { type FaultRates, faultInjector } from './fault-injector.ts';
import { checkFinalState } from './final-state.ts';
import { KeepTagActor } from './keep-tag-actor.ts';
import { Oracle } from './oracle.ts';
import { defaultLimits, type Limits } from './places.ts';
import { Orphans, Strangers } from './strangers.ts';
import { expireLater } from './time-to-live.ts';

export interface SeedResult {
  readonly seed: number;
  /** The number of sessions that had a row. */
  readonly sessions: number;
  readonly faults: number;
  readonly violations: readonly string[];
  readonly history: readonly string[];
}

/** The reaper passes once a minute. */
const passMs = minuteMs;
/** Long enough for an expiry and a check-up, short enough for many worlds. */
export const worldMinutes = 45;
/** The share of tasks whose image takes longer than a bastion has to come up. */
const lateShare = 0.03;
/** The share of bastions whose sshd never greets. */
const failingSshdShare = 0.03;
/** `greeting_seconds` in `agent-image/ssh/entrypoint.sh`. */
const greetingMs = 90 * secondMs;
/** Longer than an actor's longest pause and the requests after it. */
const lastActsMs = hourMs;

/**
 * @param assembly folder of the stack, synthesized with a pool
 * @param minutes how long actors begin new things, at least 1; the same seed with other minutes is another world
 */
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
  const expiries = dice.fork();
  let isFaulty = false;
  let bastions: Deployment | undefined;
  const deployment = () => {
    if (!bastions) throw new Error('Got a call before the stack was deployed, expected it after.');
    return bastions;
  };
  // Only in some worlds, because a world with few places has few sessions.
  const limits: Limits = seed % 5 === 2 ? { people: 2, targets: 1 } : defaultLimits;
  // All people of a world share a role, so that its limit may be the one that holds.
  const isRoleLimit = seed % 10 === 7;
  // Every third world has a pool, but for those with a role's limit, whose judge counts people alone.
  const isPooled = seed % 3 === 1 && !isRoleLimit;
  const pool = { size: isPooled ? 2 : 0, maxAgeMs: 15 * minuteMs };
  const oracle = new Oracle(deployment, { limits, pool });
  let inject: ReturnType<typeof faultInjector> | undefined;
  bastions = await deployInProcess(assembly, {
    seed,
    environment: {
      WEBHOOK_HMAC: 'true',
      MAX_SESSIONS: String(limits.people + (isRoleLimit ? 1 : 0)),
      MAX_PER_ROLE: String(limits.people),
      MAX_TARGETS: String(limits.targets),
      POOL_SIZE: String(pool.size),
      POOL_MAX_AGE_SECONDS: String(pool.maxAgeMs / secondMs),
    },
    skewMs: () => skews.between(-skewMs / 2, skewMs / 2),
    delays: () => ({
      rulesVisibleMs: isFaulty ? linger.pick([0, 0, 20 * secondMs, 2 * minuteMs]) : 0,
      visibilityMs: isFaulty ? linger.pick([0, 0, 300, 1500]) : 0,
      pullingMs: linger.chance(lateShare)
        ? 20 * minuteMs
        : linger.pick([1200, 1200, 1200, 3000, 3000, 3000, 8000, 30 * secondMs]),
      // An interface that lingers when faults end keeps lingering. One that is released later goes soon.
      deprovisioningMs: isFaulty && linger.chance(0.4) ? lingerMs : 1000,
    }),
    onCall: (call, proceed, invocation) => {
      const watch = async () => {
        const output = await oracle.watch(call, proceed, invocation?.title);
        expireLater(call, deployment(), { oracle, dice: expiries });
        return output;
      };
      return isFaulty && inject ? inject(call, watch, invocation) : watch();
    },
  });
  const { clock, containers } = bastions;
  containers.failAgents((name) =>
    name === 'ssh' && isFaulty && linger.chance(failingSshdShare) ? { code: 70, afterMs: greetingMs } : undefined,
  );
  inject = faultInjector({ clock, dice: dice.fork() }, rates, (victim, description) =>
    oracle.fault(victim, description),
  );
  const strangers = await Strangers.settle(bastions);
  const secret = await secretOf(bastions);
  oracle.begin();
  // Only in some worlds, because the wait for the sweeper costs time.
  const orphans = seed % 4 === 0 ? await Orphans.leave(bastions) : undefined;
  isFaulty = true;

  const until = clock.now() + minutes * minuteMs;
  const common = { bastions, oracle, until, secret };
  const keepTagActor = new KeepTagActor();
  const actors = Promise.all([
    // Only in some worlds, because most worlds are about removal.
    ...(seed % 4 === 1 ? [keepTagActor.act({ ...common, dice: dice.fork() })] : []),
    ...[1, 2, 3].map((n) => person({ ...common, dice: dice.fork() }, `user${n}`, n)),
    ...[1, 2].map((n) => service({ ...common, dice: dice.fork() }, n)),
    ...(isPooled ? [poolKiller({ ...common, dice: dice.fork() })] : []),
  ]);
  await clock.run(actors, minutes * minuteMs + lastActsMs);

  isFaulty = false;
  oracle.note('faults end');
  // A start under way dies with its lease, and an interface lingers for at most lingerMs. Then the reaper passes twice.
  await clock.advance(Math.max(startLeaseMs, lingerMs) + 2 * passMs);
  await checkFinalState(bastions, oracle, clock.now() - passMs);
  await keepTagActor.removeTag(bastions, oracle);
  await clock.advance(2 * passMs);
  await checkFinalState(bastions, oracle, clock.now() - passMs);
  if (orphans) {
    // The sweeper notes an orphan, confirms it, and removes a group once its interface is gone.
    await clock.advance(lingerMs + 31 * minuteMs);
    await orphans.checkGone(bastions, oracle);
  }
  await strangers.checkUntouched(bastions, oracle);
  oracle.checkLogs();
  await bastions.aws.close();
  return {
    seed,
    sessions: oracle.sessions,
    faults: oracle.faults,
    violations: oracle.violations,
    history: oracle.history,
  };
}
