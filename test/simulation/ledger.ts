/**
 * The table, the tasks and the groups as they really are, kept by watching every call that had its effect. The judge's own
 * book: nothing of it comes from the code under test.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import type { Call } from '../../emulator/wire.ts';
import type { Asked } from './requests.ts';

const row = v.object({
  sessionId: v.string(),
  state: v.picklist(['starting', 'running', 'stopping', 'stopped']),
  owner: v.string(),
  claim: v.string(),
  allowedCidrs: v.array(v.string()),
  createdAt: v.number(),
  expiresAt: v.number(),
  host: v.optional(v.string()),
  taskArn: v.optional(v.string()),
  reason: v.optional(v.string()),
});
export type Row = v.InferOutput<typeof row>;

const attributes = v.custom<Record<string, AttributeValue>>((value) => typeof value === 'object' && value !== null);
const put = v.object({ TableName: v.string(), Item: attributes });
const remove = v.object({ TableName: v.string(), Key: attributes });
const runTask = v.object({ startedBy: v.string() });
const ranTasks = v.object({ tasks: v.array(v.object({ taskArn: v.string() })) });
const stopTask = v.object({ task: v.string() });

/** A row as it was before a call and as it is after it; absent where there is none. */
export interface Change {
  readonly before: Row | undefined;
  readonly after: Row | undefined;
}

export class Ledger {
  readonly rows = new Map<string, Row>();
  readonly claims = new Map<string, string>();
  readonly handoffs = new Set<string>();
  /** Task ARN to the session that it was run for. */
  readonly tasks = new Map<string, string>();
  readonly stopped = new Set<string>();
  /** Session to when its row appeared, and at whose request. */
  readonly made = new Map<string, { readonly at: number; readonly by: Asked | undefined }>();
  /** Session to when it ceased to live. */
  readonly ended = new Map<string, number>();

  /** Notes a call that has had its effect just now; the change of a row, if it was one. */
  note(call: Call, output: unknown, now: number, by: Asked | undefined): Change | undefined {
    switch (call.action) {
      case 'PutItem':
        return this.#put(unmarshall(v.parse(put, call.input).Item), now, by);
      case 'DeleteItem':
        return this.#remove(String(unmarshall(v.parse(remove, call.input).Key).pk), now);
      case 'RunTask': {
        const { startedBy } = v.parse(runTask, call.input);
        for (const { taskArn } of v.parse(ranTasks, output).tasks) this.tasks.set(taskArn, startedBy);
        return undefined;
      }
      case 'StopTask':
        this.stopped.add(v.parse(stopTask, call.input).task);
        return undefined;
      default:
        return undefined;
    }
  }

  /** The live session that holds a claim. */
  holderOf(claim: string): string | undefined {
    const held = this.rows.get(this.claims.get(claim) ?? '');
    return held && isLive(held) ? held.sessionId : undefined;
  }

  #put(item: Record<string, unknown>, now: number, by: Asked | undefined): Change | undefined {
    const key = String(item.pk);
    if (key.startsWith('claim#')) this.claims.set(key.slice('claim#'.length), String(item.sessionId));
    else if (!/^(session|signature|orphan)#/.test(key)) this.handoffs.add(key);
    if (!key.startsWith('session#')) return undefined;
    const after = v.parse(row, item);
    const { sessionId } = after;
    const before = this.rows.get(sessionId);
    if (!before) this.made.set(sessionId, { at: now, by });
    if (!isLive(after) && !this.ended.has(sessionId)) this.ended.set(sessionId, now);
    this.rows.set(sessionId, after);
    return { before, after };
  }

  #remove(key: string, now: number): Change | undefined {
    if (key.startsWith('claim#')) this.claims.delete(key.slice('claim#'.length));
    if (!key.startsWith('session#')) {
      this.handoffs.delete(key);
      return undefined;
    }
    const sessionId = key.slice('session#'.length);
    const before = this.rows.get(sessionId);
    this.rows.delete(sessionId);
    if (before) this.ended.set(sessionId, now);
    return before && { before, after: undefined };
  }
}

export const isLive = ({ state }: Row): boolean => state === 'starting' || state === 'running';
