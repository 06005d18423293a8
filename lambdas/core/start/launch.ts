/**
 * Makes a new session. Order: session row, place, claim, security group, then ingress rules and the task side by side, then the row
 * becomes `running`. The place comes before the claim, so nobody is told of a session that the limit refuses. Two simultaneous starts
 * of one user hold two places for a moment. The task's part is: RunTask, its ARN into the row, the handoff item. So a row that is
 * `running` has had its item, and only its agent has deleted that. Every resource can be found from the row (by name, tag or
 * `startedBy`), so a crash after any step leaks nothing: the start lease in the row ends, and the reaper removes what there is.
 */
import { type ConvergePorts, converge, ingressOf, openTo } from '../end/converge.ts';
import { changeSession } from '../session/change-session.ts';
import { holderOf } from '../session/claims.ts';
import { BastionError, IllegalMove, isDefinite, StaleSession, TooManySessions } from '../session/errors.ts';
import { logFields } from '../session/log-fields.ts';
import { type PlaceLimits, placeOf, type Taking } from '../session/place.ts';
import type { HandoffValues, Ports } from '../session/ports.ts';
import {
  endStartLease,
  handoffKeptMs,
  isLive,
  type Launch,
  markRunning,
  markStopping,
  noteTask,
  type Session,
  sameCidrs,
} from '../session/session.ts';

export type LaunchPorts = ConvergePorts & Pick<Ports, 'ids' | 'launcher'>;

interface NewLaunch {
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
  const holder = await takeClaim(ports, session);
  if (!holder) return launch(ports, newLaunch);
  await forget(ports, session);
  return holder;
}

function tooManySessions(
  session: Session,
  taking: Exclude<Taking, 'taken'>,
  { most, mostPerRole }: PlaceLimits,
): TooManySessions {
  const { group, role } = placeOf(session);
  const limit = {
    full:
      group === 'people' ? `${most} live bastions (setting maxSessions)` : `${most} live targets (setting maxTargets)`,
    'role-full': `${mostPerRole} live bastions of the role ${role} (setting maxPerRole)`,
  }[taking];
  return new TooManySessions(`The limit of ${limit} is reached. Stop one, or try again later.`);
}

const mostAttempts = 5;

/** Takes the claim, also from a session that is ending. Returns the live session that holds it already, if there is one. */
async function takeClaim(ports: LaunchPorts, session: Session): Promise<Session | undefined> {
  let previousHolderId: string | undefined;
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    if (await ports.sessions.takeClaim(session, previousHolderId)) return undefined;
    const holder = await holderOf(ports, session.claim);
    if (holder.live) return holder.live;
    previousHolderId = holder.sessionId;
  }
  await forget(ports, session);
  throw new StaleSession(`Too many requests for ${session.owner} arrived at the same time. Try again.`);
}

async function launch(ports: LaunchPorts, { session, handoffValues }: NewLaunch): Promise<Session> {
  const launched: { taskArn?: string; mayReappear: boolean } = { mayReappear: false };
  let row = session;
  const runTask = async (securityGroupId: string): Promise<Launch> => {
    const taskArn = await ports.launcher.run(session, securityGroupId);
    launched.taskArn = taskArn;
    // First the row, so that the item can be found from it and removed.
    row = await changeSession(ports, row, (current) => noteTask(current, taskArn));
    const task = { kind: session.agent.kind, arn: taskArn };
    if (isLive(row)) {
      const handoff = await ports.handoffs.put(task, handoffValues, session.createdAt + handoffKeptMs);
      launched.mayReappear ||= handoff.mayReappear;
    }
    return { taskArn, securityGroupId, openCidrs: session.allowedCidrs, mayReappear: launched.mayReappear };
  };
  let running: Session;
  try {
    const { securityGroupId, mayReappear } = await ports.securityGroups.create(session);
    launched.mayReappear = mayReappear;
    // Both must have come to an end, also when one fails: only then is it known which resources exist.
    const [task, ingress] = await Promise.allSettled([
      runTask(securityGroupId),
      ports.securityGroups.allow(securityGroupId, ingressOf(session)),
    ]);
    if (task.status === 'rejected') throw task.reason;
    if (ingress.status === 'rejected') throw ingress.reason;
    running = await changeSession(ports, row, (current) => markRunning(current, task.value, ports.clock.now()));
  } catch (error) {
    const isOver = isDefinite(error) && !launched.mayReappear;
    const outcome = await abandon(ports, row, { taskArn: launched.taskArn, error, isOver });
    if (outcome.state !== 'running') return outcome;
    running = outcome;
  }
  ports.log.info('task accepted', logFields(running));
  // The owner may have asked again from another address before there was a group to allow it.
  return sameCidrs(running.allowedCidrs, session.allowedCidrs) ? running : openTo(ports, running);
}

/** Removes a session that owns nothing but its place. */
async function forget(ports: LaunchPorts, session: Session): Promise<void> {
  await ports.places.release(placeOf(session), session.sessionId);
  await ports.sessions.remove(session.sessionId);
}

interface FailedLaunch {
  /** ARN of the task, if AWS has accepted one. */
  readonly taskArn: string | undefined;
  readonly error: unknown;
  /** True when nothing more can appear in AWS. */
  readonly isOver: boolean;
}

/**
 * Ends a start that failed, or that was stopped meanwhile. Gives the start lease up when nothing more can appear in AWS. Else the
 * lease stays, and the reaper closes the session after it.
 * A session is running after all when the write that says so has had its effect and only AWS's answer was lost. Others may have
 * been told of it, so it comes back as it is.
 */
async function abandon(
  ports: LaunchPorts,
  session: Session,
  { taskArn, error, isOver }: FailedLaunch,
): Promise<Session> {
  const now = ports.clock.now();
  const row = await changeSession(ports, session, (current) => {
    if (current.state === 'running' && current.taskArn === taskArn) return current;
    const noted = taskArn === undefined ? current : noteTask(current, taskArn);
    const stopping = markStopping(noted, 'start-failed', now, sentenceOf(error));
    return isOver ? endStartLease(stopping, now) : stopping;
  });
  if (row.state === 'running') return row;
  ports.log.error('start failed', { ...logFields(row), error });
  const outcome = await converge(ports, row);
  if (error instanceof IllegalMove) return outcome;
  throw error;
}

/** The sentence for the row. Only a domain error's goes into it: any other error's message may hold anything. */
const sentenceOf = (error: unknown): string | undefined => (error instanceof BastionError ? error.message : undefined);
