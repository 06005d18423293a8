/**
 * Gives a pooled bastion to whoever asks for one. Order: the row, which one conditional write gives to its owner; the place among
 * those of its owner's role, and the claim; then the ingress rule and the key, side by side. From the first write on the row is an
 * ordinary start, so a taker may die after any step.
 */
import { authorizedKeyValue } from '../../../contracts/agent.ts';
import { ingressOf } from '../end/converge.ts';
import { changeSession } from '../session/change-session.ts';
import { AwsRefused, AwsUnavailable } from '../session/errors.ts';
import { logFields } from '../session/log-fields.ts';
import { isRoleFull, type PlaceLimits, placeOf, roleLimitOf } from '../session/place.ts';
import { pooledBastions } from '../session/pool.ts';
import type { Ports } from '../session/ports.ts';
import { endStartLease, handoffKeptMs, markStopping, type Session } from '../session/session.ts';
import type { PoolDemand } from '../session/settings.ts';
import { isAsDemanded, isFree, type Owner, take } from '../session/take.ts';
import { allEnded, type BringingUp, bringUp, type Progress, putHandoff } from './bring-up.ts';
import { type LaunchPorts, takeClaim, tooManySessions } from './launch.ts';

export type TakePorts = LaunchPorts & Pick<Ports, 'owners'>;

export interface Taker extends Pick<BringingUp, 'isTooLate'> {
  readonly owner: Owner;
  readonly limits: PlaceLimits;
}

/** The pooled bastions that could be somebody's now. None while AWS does not tell: a start does without. */
export async function freeBastions(
  ports: Pick<Ports, 'sessions' | 'log' | 'clock'>,
  demand: PoolDemand,
): Promise<readonly Session[]> {
  try {
    const now = ports.clock.now();
    return (await pooledBastions(ports)).filter((session) => isFree(session, now) && isAsDemanded(session, demand));
  } catch (error) {
    if (!(error instanceof AwsUnavailable || error instanceof AwsRefused)) throw error;
    ports.log.error('pool not read', { error });
    return [];
  }
}

export interface Taken {
  readonly session: Session;
  /** False for the live session of the same owner that another request has made. */
  readonly isOurs: boolean;
}

/**
 * Takes the first of these that is still free. Returns it, or the live session that holds the owner's claim already, or undefined
 * when all were gone. Throws AWS's refusal, or `TooManySessions`, once the taken one has ended.
 */
export async function takePooled(
  ports: TakePorts,
  candidates: readonly Session[],
  taker: Taker,
): Promise<Taken | undefined> {
  if (candidates.length === 0 || (await isRefused(ports, taker))) return undefined;
  for (const candidate of candidates) {
    const now = ports.clock.now();
    const taken = isFree(candidate, now) && (await ports.sessions.save(take(candidate, taker.owner, now)));
    if (!taken) continue;
    ports.log.info('bastion taken from the pool', logFields(taken));
    return open(ports, taken, taker);
  }
  return undefined;
}

/** True when the limit of the owner's role is reached. An on-demand start says so in the right words, and costs the pool nothing. */
async function isRefused({ places }: Pick<Ports, 'places'>, { owner, limits }: Taker): Promise<boolean> {
  const place = placeOf({ agent: { kind: 'ssh' }, ...owner });
  const limit = roleLimitOf(place, limits);
  return limit !== undefined && isRoleFull(await places.holders(place.group), place, limit);
}

async function open(ports: TakePorts, taken: Session, { owner, limits, isTooLate }: Taker): Promise<Taken> {
  const { taskArn, securityGroupId } = taken;
  if (taskArn === undefined || securityGroupId === undefined)
    throw new Error(`The pooled session ${taken.sessionId} has no task or no security group, expected both.`);
  const place = placeOf(taken);
  const placing = ports.places.take(place, taken.sessionId, limits);
  // Nobody may be told of a session that the limit refuses. Only the limit of a role can: the bastion has a place already.
  if (roleLimitOf(place, limits) !== undefined && (await placing) !== 'taken') {
    await giveUp(ports, taken, 'The limit of its role was reached at the same time.');
    throw tooManySessions(taken, 'role-full', limits);
  }
  const detail = 'Another request of its owner was faster.';
  const [holder] = await allEnded([takeClaim(ports, taken, () => giveUp(ports, taken, detail)), placing]);
  if (holder) return { session: holder, isOurs: false };
  const steps = async (progress: Progress) => {
    await allEnded([
      putHandoff(ports, progress, taskArn, {
        id: 'key',
        values: { [authorizedKeyValue]: owner.publicKey },
        until: taken.createdAt + handoffKeptMs,
      }),
      ports.securityGroups.allow(securityGroupId, ingressOf(taken)),
      tagOwner(ports, taken),
    ]);
    return { taskArn, securityGroupId };
  };
  return { session: await bringUp(ports, taken, { isTooLate, steps }), isOurs: true };
}

/** The tags are for people who read bills and consoles. A bastion works without them. */
async function tagOwner(ports: Pick<Ports, 'owners' | 'log'>, session: Session): Promise<void> {
  await ports.owners.tag(session).catch((error: unknown) => {
    ports.log.error('owner not tagged', { ...logFields(session), error });
  });
}

/** Ends a bastion that was taken and not opened. The row is due, so the reaper removes it. */
async function giveUp(ports: Pick<Ports, 'sessions' | 'clock'>, taken: Session, detail: string): Promise<void> {
  const now = ports.clock.now();
  await changeSession(ports, taken, (row) => endStartLease(markStopping(row, 'stopped', now, detail), now));
}
