/**
 * Making a new session. Order: session row, claim, security group, then ingress rule and RunTask side by side, then the row
 * becomes `running`. Whatever exists can be found from the row (by name, tag or startedBy), so a crash after any step leaks
 * nothing: the lease in the row runs out, and the reaper removes what there is.
 */

import { type ConvergePorts, converge, openTo } from '../end/converge.ts';
import { change } from '../session/change-session.ts';
import { holderOf } from '../session/claims.ts';
import { BastionError, IllegalMove, isDefinite, StaleSession, TooManySessions } from '../session/errors.ts';
import { about } from '../session/log-fields.ts';
import type { CreatedGroup, Ports } from '../session/ports.ts';
import { creationOver, ended, type Session, sameCidrs, started, taskFound } from '../session/session.ts';

export type LaunchPorts = ConvergePorts & Pick<Ports, 'ids' | 'launcher'>;

/** What else must be done once AWS has accepted the task, before the session counts as running; the row as it is then. */
export type HandOver = (session: Session, taskArn: string) => Promise<Session>;

/** Throws `TooManySessions` when there is no room for another. */
export async function checkRoom(ports: Pick<Ports, 'sessions'>, maxSessions: number): Promise<void> {
  const live = await ports.sessions.liveCount();
  if (live < maxSessions) return;
  throw new TooManySessions(
    `${live} sessions are live and this deployment allows ${maxSessions}. Stop one, or try again later.`,
  );
}

/**
 * Makes the session, unless another one holds its claim and lives: then that one is the answer. A session that somebody
 * stopped meanwhile comes back `stopping`. Throws what AWS refused, when nothing is left of the attempt.
 */
export async function launchOrJoin(ports: LaunchPorts, session: Session, handOver?: HandOver): Promise<Session> {
  await ports.sessions.create(session);
  const winner = await claimOrWinner(ports, session);
  if (!winner) return launch(ports, session, handOver);
  await ports.sessions.remove(session.sessionId);
  return winner;
}

const mostAttempts = 5;

/** Takes the claim; when another live session holds it, that session. A claim of a session that is going may be taken over. */
async function claimOrWinner(ports: LaunchPorts, session: Session): Promise<Session | undefined> {
  let over: string | undefined;
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    if (await ports.sessions.takeClaim(session, over)) return undefined;
    const holder = await holderOf(ports, session.claim);
    if (holder.live) return holder.live;
    over = holder.sessionId;
  }
  await ports.sessions.remove(session.sessionId);
  throw new StaleSession(`Too many requests for ${session.owner} at once: its claim kept changing hands. Ask again.`);
}

async function launch(ports: LaunchPorts, session: Session, handOver?: HandOver): Promise<Session> {
  const made: { taskArn?: string } = {};
  let row = session;
  const runTask = async ({ securityGroupId, mayComeAgain }: CreatedGroup) => {
    const taskArn = await ports.launcher.run(session, securityGroupId);
    made.taskArn = taskArn;
    if (handOver) row = await handOver(row, taskArn);
    return { taskArn, securityGroupId, mayComeAgain, admitted: session.allowedCidrs };
  };
  let group: CreatedGroup | undefined;
  let running: Session;
  try {
    group = await ports.securityGroups.create(session);
    // Both must have come to an end, also when one fails: only then do we know what we have made.
    const [task, ingress] = await Promise.allSettled([
      runTask(group),
      ports.securityGroups.admit(group.securityGroupId, session),
    ]);
    if (task.status === 'rejected') throw task.reason;
    if (ingress.status === 'rejected') throw ingress.reason;
    running = await change(ports, row, (current) => started(current, task.value, ports.clock.now()));
  } catch (error) {
    const isOver = isDefinite(error) && group?.mayComeAgain !== true;
    const left = await abandon(ports, row, { made, error, isOver });
    if (left.state !== 'running') return left;
    running = left;
  }
  ports.log.info('task accepted', about(running));
  // The owner may have asked again from elsewhere, when there was no group yet to let them in.
  return sameCidrs(running.allowedCidrs, session.allowedCidrs) ? running : openTo(ports, running);
}

interface Abandoned {
  readonly made: { readonly taskArn?: string };
  readonly error: unknown;
  /** Nothing more can appear. */
  readonly isOver: boolean;
}

/**
 * The session that is running after all, when the write that said so had its effect and only AWS's word for it was lost: others
 * may have been told of it. Else ends a start that failed, or that somebody stopped meanwhile. When AWS refused, nothing more can
 * appear and the lease is given up; when we don't know what AWS did, it stays, and the reaper closes the session after it.
 */
async function abandon(ports: LaunchPorts, session: Session, { made, error, isOver }: Abandoned): Promise<Session> {
  const now = ports.clock.now();
  const row = await change(ports, session, (current) => {
    if (current.state === 'running' && current.taskArn === made.taskArn) return current;
    const found = made.taskArn === undefined ? current : taskFound(current, made.taskArn);
    const next = ended(found, 'start-failed', now, inOurOwnWords(error));
    return isOver ? creationOver(next, now) : next;
  });
  if (row.state === 'running') return row;
  ports.log.error('start failed', { ...about(row), error });
  const left = await converge(ports, row);
  if (error instanceof IllegalMove) return left;
  throw error;
}

/** Only our own words go into the row: what another error says may hold anything. */
const inOurOwnWords = (error: unknown): string | undefined =>
  error instanceof BastionError ? error.message : undefined;
