/** Starts the pooled bastions that are missing, once a minute. A taker never waits for it. */
import { AwsUnavailable, StartFailed } from '../session/errors.ts';
import { IsolatedRun } from '../session/isolated-run.ts';
import { type PoolPlan, pooledBastions, poolState } from '../session/pool.ts';
import { endedPoolClaim, poolClaim } from '../session/pool-claim.ts';
import type { Ports } from '../session/ports.ts';
import { type Instant, isWaitingForSshd, newSession, type Session } from '../session/session.ts';
import { portOf, type Settings } from '../session/settings.ts';
import { awaitReady } from '../watch/await-ready.ts';
import { type LaunchPorts, launchUnclaimed } from './launch.ts';

export type RefillPorts = LaunchPorts & Pick<Ports, 'hostKeys'>;

export interface RefillSettings extends PoolPlan, Pick<Settings, 'maxLifetimeSeconds' | 'maxSessions'> {
  /** Seconds from the birth of a pooled bastion to its end, if nobody takes it. */
  readonly poolMaxAgeSeconds: number;
}

/** Starts that must have failed one after the other for the pool to pause, and the time that it pauses for. */
const pausing = { failures: 3, ms: 5 * 60_000 };

/** Time for which a pass looks whether bastions come up. The next pass looks again. */
const lookForMs = 20_000;

/** Throws what a failed start threw, once all are over, unless AWS has no capacity or no time: then the next pass tries again. */
export async function refillPool(ports: RefillPorts, settings: RefillSettings): Promise<void> {
  const beganAt = ports.clock.now();
  const pooled = await pooledBastions(ports);
  const missing = await startsNow(ports, poolState(pooled, settings, beganAt).missing);
  const starts = new IsolatedRun((what, error) => ports.log.error('pool not filled', { detail: what, error }));
  const waitUntil = beganAt + lookForMs;
  const look = async (session: Session) => void (await awaitReady(ports, session, { waitUntil, answerBy: waitUntil }));
  await Promise.all([
    ...pooled
      .filter(isWaitingForSshd)
      .map((session) => starts.run(`session ${session.sessionId}`, () => look(session))),
    ...Array.from({ length: missing }, (_, n) =>
      starts.run(`start ${n + 1} of ${missing}`, async () => {
        const session = await startOne(ports, settings);
        if (session) await look(session);
        else ports.log.info('pool not filled, because maxSessions is reached', { count: missing });
      }),
    ),
  ]);
  const unexpected = starts.errors.filter(
    (error) => !(error instanceof AwsUnavailable || error instanceof StartFailed),
  );
  if (unexpected.length > 0)
    throw new AggregateError(unexpected, 'The pool could not be filled. The next pass tries again.');
}

/** When the last starts of the pool have all failed just now, another would most likely fail too. */
async function startsNow(ports: Pick<Ports, 'sessions' | 'clock' | 'log'>, missing: number): Promise<number> {
  if (missing === 0 || !(await isFailing(ports, ports.clock.now()))) return missing;
  ports.log.info('pool waits after failed starts', { count: missing });
  return 0;
}

async function isFailing(ports: Pick<Ports, 'sessions'>, now: Instant): Promise<boolean> {
  const { sessions } = await ports.sessions.history({ claim: endedPoolClaim, limit: pausing.failures });
  const hasFailed = ({ reason, endedAt = 0 }: Session) => reason === 'start-failed' && endedAt > now - pausing.ms;
  return sessions.length === pausing.failures && sessions.every(hasFailed);
}

async function startOne(ports: RefillPorts, settings: RefillSettings): Promise<Session | undefined> {
  const { taskDefinition, sshPorts, poolMaxAgeSeconds, maxLifetimeSeconds, maxSessions } = settings;
  const { publicKeys, handoffValues } = await ports.hostKeys.make();
  const sessionId = ports.ids.next();
  const now = ports.clock.now();
  const session = newSession(
    {
      sessionId,
      claim: poolClaim,
      pool: { at: now, taskDefinition },
      agent: { kind: 'ssh', port: portOf(sessionId, sshPorts), hostKeys: publicKeys },
      allowedCidrs: [],
      ttlSeconds: poolMaxAgeSeconds,
      // The agent's latest end is fixed now, and its owner's time begins when they take it.
      maxLifetimeSeconds: poolMaxAgeSeconds + maxLifetimeSeconds,
    },
    now,
  );
  return launchUnclaimed(ports, { session, handoffValues, limits: { most: maxSessions }, isTooLate: () => false });
}
