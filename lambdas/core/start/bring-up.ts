/**
 * The second half of every start: makes what the session still lacks, moves its row on once AWS has accepted all of it, and ends
 * the session if that fails. Every resource can be found from the row (by name, tag or `startedBy`), so a crash after any step leaks
 * nothing: the start lease in the row ends, and the reaper removes what there is.
 */
import { type ConvergePorts, converge, openTo } from '../end/converge.ts';
import { changeSession } from '../session/change-session.ts';
import { AwsUnavailable, BastionError, IllegalMove, isDefinite } from '../session/errors.ts';
import { logFields } from '../session/log-fields.ts';
import type { Clock, HandoffItem } from '../session/ports.ts';
import {
  endStartLease,
  isAccepted,
  isSameStart,
  type Launch,
  markAccepted,
  markStopping,
  noteTask,
  type Session,
  sameCidrs,
} from '../session/session.ts';

/** What a start has reached so far. Its end needs it when a step fails. */
export interface Progress {
  /** The row as the start last wrote it. */
  row: Session;
  /** ARN of the task, if AWS has accepted one. */
  taskArn: string | undefined;
  /** True when a late try may still make the group or the handoff item once more. */
  mayReappear: boolean;
}

/**
 * After this time no removal of a failed start begins. When AWS is slow, it takes the rest of the time, and a function that times out
 * gives no reason. The removal happens all the same: the reaper has it done.
 */
export const removeWithinMs = 20_000;

/** @returns whether this time is over, counted from now */
export function lateAfter(clock: Clock, ms: number): () => boolean {
  const until = clock.now() + ms;
  return () => clock.now() > until;
}

export interface BringingUp {
  /** Whether it is too late to begin with the removal of a start that fails. */
  readonly isTooLate: () => boolean;
  /** Makes what the session lacks. */
  readonly steps: (progress: Progress) => Promise<Resources>;
}

type Resources = Pick<Launch, 'taskArn' | 'securityGroupId'>;

/**
 * Returns the session once its row says that AWS has accepted it. A session that was stopped meanwhile comes back `stopping`. Throws
 * AWS's refusal once nothing is left of the attempt, or once the reaper has what is left to remove.
 */
export async function bringUp(
  ports: ConvergePorts,
  session: Session,
  { isTooLate, steps }: BringingUp,
): Promise<Session> {
  const progress: Progress = { row: session, taskArn: session.taskArn, mayReappear: false };
  let accepted: Session;
  try {
    const resources = await steps(progress);
    const { mayReappear } = progress;
    const launch = { ...resources, startedAt: session.createdAt, openCidrs: session.allowedCidrs, mayReappear };
    accepted = await changeSession(ports, progress.row, (row) => markAccepted(row, launch, ports.clock.now()));
  } catch (error) {
    const outcome = await abandon(ports, progress, { error, isTooLate });
    if (!isAccepted(outcome)) return outcome;
    accepted = outcome;
  }
  ports.log.info('task accepted', logFields(accepted));
  // The owner may have asked again from another address before there was a group to allow it.
  return sameCidrs(accepted.allowedCidrs, session.allowedCidrs) ? accepted : openTo(ports, accepted);
}

/** Waits for all, also when one fails: only then is it known which resources exist. Throws the first failure in their order. */
export async function allEnded<T extends readonly unknown[]>(promises: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  await Promise.allSettled(promises);
  return Promise.all(promises) as Promise<T>;
}

const mostPuts = 5;
const betweenPutsMs = 500;

/**
 * Writes the session's handoff item. A late try may have brought back an earlier one, which the agent deletes within a second, so a
 * put that finds another item is repeated.
 */
export async function putHandoff(
  ports: Pick<ConvergePorts, 'handoffs' | 'clock'>,
  progress: Progress,
  taskArn: string,
  item: HandoffItem,
): Promise<void> {
  const task = { kind: progress.row.agent.kind, arn: taskArn };
  for (let put = 0; put < mostPuts; put++) {
    if (put > 0) await ports.clock.sleep(betweenPutsMs);
    const { isWritten, mayReappear } = await ports.handoffs.put(task, item);
    progress.mayReappear ||= mayReappear;
    if (isWritten) return;
  }
  throw new AwsUnavailable("An earlier handoff is in the way of the task's next one.");
}

/**
 * Ends a start that failed, or that was stopped meanwhile. Gives the start lease up when nothing more can appear in AWS. Else the
 * lease stays, and the reaper closes the session after it.
 * A session is accepted after all when the write that says so has had its effect and only AWS's answer was lost. Others may have
 * been told of it, or have taken it from the pool, so it comes back as it is.
 */
async function abandon(
  ports: ConvergePorts,
  progress: Progress,
  { error, isTooLate }: Pick<BringingUp, 'isTooLate'> & { readonly error: unknown },
): Promise<Session> {
  const { taskArn } = progress;
  const isOver = isDefinite(error) && !progress.mayReappear;
  const now = ports.clock.now();
  const hasGoneOn = (current: Session) =>
    !isSameStart(current, progress.row) || (isAccepted(current) && current.taskArn === taskArn);
  const row = await changeSession(ports, progress.row, (current) => {
    if (hasGoneOn(current)) return current;
    const noted = taskArn === undefined ? current : noteTask(current, taskArn);
    const stopping = markStopping(noted, 'start-failed', now, sentenceOf(error));
    return isOver ? endStartLease(stopping, now) : stopping;
  });
  if (hasGoneOn(row)) return row;
  ports.log.error('start failed', { ...logFields(row), error });
  const outcome = isTooLate() ? row : await converge(ports, row);
  if (error instanceof IllegalMove) return outcome;
  throw error;
}

/** The sentence for the row. Only a domain error's goes into it: any other error's message may hold anything. */
const sentenceOf = (error: unknown): string | undefined => (error instanceof BastionError ? error.message : undefined);
