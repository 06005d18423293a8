/**
 * The table, the tasks and the groups as they really are, kept by watching every call that had its effect. The judge's own
 * book: nothing of it comes from the code under test.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import type { Call } from '../../local/aws/wire.ts';

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
  endedAt: v.optional(v.number()),
  reason: v.optional(v.string()),
});
export type Row = v.InferOutput<typeof row>;

const attributes = v.custom<Record<string, AttributeValue>>((value) => typeof value === 'object' && value !== null);
const put = v.object({ TableName: v.string(), Item: attributes });
const remove = v.object({ TableName: v.string(), Key: attributes });
const runTask = v.object({ startedBy: v.string() });
const ranTasks = v.object({ tasks: v.array(v.object({ taskArn: v.string() })) });
const stopTask = v.object({ task: v.string() });

export interface Change {
  readonly before: Row | undefined;
  readonly after: Row;
}

export class Ledger {
  readonly rows = new Map<string, Row>();
  readonly claims = new Map<string, string>();
  readonly handoffs = new Set<string>();
  /** Task ARN to the session that it was run for. */
  readonly tasks = new Map<string, string>();
  readonly stopped = new Set<string>();
  /** How many rows there have been, the losers of a race included. */
  created = 0;

  /** Notes a call that has had its effect; the change of a row, if it was one. */
  note(call: Call, output: unknown): Change | undefined {
    switch (call.action) {
      case 'PutItem':
        return this.#put(unmarshall(v.parse(put, call.input).Item));
      case 'DeleteItem':
        this.#remove(String(unmarshall(v.parse(remove, call.input).Key).pk));
        return undefined;
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

  #put(item: Record<string, unknown>): Change | undefined {
    const key = String(item.pk);
    if (key.startsWith('claim#')) this.claims.set(key.slice('claim#'.length), String(item.sessionId));
    else if (!/^(session|signature|orphan)#/.test(key)) this.handoffs.add(key);
    if (!key.startsWith('session#')) return undefined;
    const after = v.parse(row, item);
    const before = this.rows.get(after.sessionId);
    if (!before) this.created++;
    this.rows.set(after.sessionId, after);
    return { before, after };
  }

  #remove(key: string): void {
    if (key.startsWith('session#')) this.rows.delete(key.slice('session#'.length));
    else if (key.startsWith('claim#')) this.claims.delete(key.slice('claim#'.length));
    else this.handoffs.delete(key);
  }
}

export const isLive = ({ state }: Row): boolean => state === 'starting' || state === 'running';
