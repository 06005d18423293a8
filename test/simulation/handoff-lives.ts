/** The life of each handoff item: from its write until its agent takes it, and never longer than its session. */
import type { Call } from '../../emulator/wire.ts';
import { taskIdOf } from '../support/task-id.ts';
import { minuteMs } from '../support/time.ts';
import { handoffTaskIdIn } from '../support/written-items.ts';
import type { Change, Ledger } from './ledger.ts';

/** The agent deletes an item that has come back within half a minute. */
const cameBackMs = minuteMs;

interface Watch {
  readonly ledger: Ledger;
  readonly record: (violation: string) => void;
  readonly after: (ms: number, action: () => void) => void;
  /** Whether this task runs, and no fault has hit its agent. */
  readonly isAgentWell: (taskId: string) => boolean;
}

/** Checks what a call has just done to handoff items. */
export function watchHandoffs(call: Call, change: Change | undefined, { ledger, record, ...watch }: Watch): void {
  const sessionIdOf = (taskId: string) => [...ledger.tasks].find(([arn]) => taskIdOf(arn) === taskId)?.[1] ?? '';
  const keyOf = (taskId: string) => [...ledger.handoffs].find((key) => key.endsWith(`:${taskId}`));
  const isThere = (taskId: string) => keyOf(taskId) !== undefined;
  const { after } = change ?? {};
  if (after?.state === 'stopped') {
    const arns = [...ledger.tasks].flatMap(([arn, owner]) => (owner === after.sessionId ? [arn] : []));
    if (arns.some((arn) => isThere(taskIdOf(arn)))) record(`the handoff of session ${after.sessionId} outlives it`);
  }
  const taskId = handoffTaskIdIn(call);
  if (taskId === undefined) return;
  const sessionId = sessionIdOf(taskId);
  if (ledger.rows.get(sessionId)?.state === 'stopped')
    record(`a handoff was written for session ${sessionId}, which is stopped`);
  if (!ledger.takenTaskIds.has(taskId)) return;
  const writesOf = () => ledger.handoffWrites.get(keyOf(taskId) ?? '');
  const writes = writesOf();
  watch.after(cameBackMs, () => {
    if (isThere(taskId) && writesOf() === writes && watch.isAgentWell(taskId))
      record(`the handoff of session ${sessionId} came back, and stays`);
  });
}
