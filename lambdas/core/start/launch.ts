/**
 * Makes a new session. Order: session row, place, claim, security group, then ingress rules and the task side by side, then the row
 * is accepted. The place comes before the claim, so nobody is told of a session that the limit refuses. Two simultaneous starts
 * of one user hold two places for a moment. The task's part is: RunTask, its ARN into the row, the handoff item. So a row that is
 * accepted has had its item, and only its agent has deleted that.
 */
import { type ConvergePorts, ingressOf } from '../end/converge.ts';
import { changeSession } from '../session/change-session.ts';
import { holderOf } from '../session/claims.ts';
import { StaleSession, TooManySessions } from '../session/errors.ts';
import { type PlaceLimits, placeOf, type Taking } from '../session/place.ts';
import type { HandoffValues, Ports } from '../session/ports.ts';
import { handoffKeptMs, isLive, noteTask, type Session } from '../session/session.ts';
import { allEnded, type BringingUp, bringUp, type Progress, putHandoff } from './bring-up.ts';

export type LaunchPorts = ConvergePorts & Pick<Ports, 'ids' | 'launcher'>;

export interface NewLaunch extends Pick<BringingUp, 'isTooLate'> {
  readonly session: Session;
  readonly handoffValues: HandoffValues;
  readonly limits: PlaceLimits;
}

/**
 * Makes the session, unless another live session holds its claim: then returns that one. A session that was stopped meanwhile
 * comes back `stopping`. Throws AWS's refusal, or `TooManySessions`, once nothing is left of the attempt.
 */
export async function launchOrJoin(ports: LaunchPorts, newLaunch: NewLaunch): Promise<Session> {
  const { session, limits } = newLaunch;
  await ports.sessions.create(session);
  const taking = await ports.places.take(placeOf(session), session.sessionId, limits);
  if (taking !== 'taken') {
    const { live } = await holderOf(ports, session.claim);
    await ports.sessions.remove(session.sessionId);
    if (live) return live;
    throw tooManySessions(session, taking, limits);
  }
  const holder = await takeClaim(ports, session, () => forget(ports, session));
  return holder ?? launch(ports, newLaunch);
}

/** Makes a session that nobody asked for, and so nobody claims. Returns undefined when the limit leaves no place. */
export async function launchUnclaimed(ports: LaunchPorts, newLaunch: NewLaunch): Promise<Session | undefined> {
  const { session, limits } = newLaunch;
  await ports.sessions.create(session);
  const taking = await ports.places.take(placeOf(session), session.sessionId, limits);
  if (taking === 'taken') return launch(ports, newLaunch);
  await ports.sessions.remove(session.sessionId);
  return undefined;
}

export function tooManySessions(
  session: Session,
  taking: Exclude<Taking, 'taken'>,
  { most, mostPerRole }: PlaceLimits,
): TooManySessions {
  const { group, role } = placeOf(session);
  const limit = {
    full:
      group === 'people' ? `${most} live bastions (setting maxSessions)` : `${most} live targets (setting maxTargets)`,
    'role-full': `${mostPerRole} live bastions of the ${role?.includes('/') ? 'repository' : 'role'} ${role} (setting maxPerRole)`,
  }[taking];
  return new TooManySessions(`The limit of ${limit} is reached. Stop one, or try again later.`);
}

const mostAttempts = 5;

/**
 * Takes the claim, also from a session that is ending. Returns the live session that holds it already, if there is one.
 * @param giveUp ends the session that does not get the claim
 */
export async function takeClaim(
  ports: Pick<Ports, 'sessions'>,
  session: Session,
  giveUp: () => Promise<void>,
): Promise<Session | undefined> {
  let previousHolderId: string | undefined;
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    if (await ports.sessions.takeClaim(session, previousHolderId)) return undefined;
    const holder = await holderOf(ports, session.claim);
    if (holder.live) {
      await giveUp();
      return holder.live;
    }
    previousHolderId = holder.sessionId;
  }
  await giveUp();
  throw new StaleSession(`Too many requests for ${session.owner} arrived at the same time. Try again.`);
}

async function launch(ports: LaunchPorts, { session, handoffValues, isTooLate }: NewLaunch): Promise<Session> {
  const steps = async (progress: Progress) => {
    const { securityGroupId, mayReappear } = await ports.securityGroups.create(session);
    progress.mayReappear = mayReappear;
    const [taskArn] = await allEnded([
      runTask(ports, progress, securityGroupId, handoffValues),
      ports.securityGroups.allow(securityGroupId, ingressOf(session)),
    ]);
    return { taskArn, securityGroupId };
  };
  return bringUp(ports, session, { isTooLate, steps });
}

async function runTask(
  ports: LaunchPorts,
  progress: Progress,
  securityGroupId: string,
  values: HandoffValues,
): Promise<string> {
  const session = progress.row;
  const taskArn = await ports.launcher.run(session, securityGroupId);
  progress.taskArn = taskArn;
  // First the row, so that the item can be found from it and removed.
  progress.row = await changeSession(ports, session, (current) => noteTask(current, taskArn));
  if (isLive(progress.row)) {
    await putHandoff(ports, progress, taskArn, { id: 'start', values, until: session.createdAt + handoffKeptMs });
  }
  return taskArn;
}

/** Removes a session that owns nothing but its place. */
async function forget(ports: LaunchPorts, session: Session): Promise<void> {
  await ports.places.release(placeOf(session), session.sessionId);
  await ports.sessions.remove(session.sessionId);
}
