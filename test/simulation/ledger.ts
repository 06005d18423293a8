/**
 * The judge's first book: rows, claims, handoffs and tasks as they really are. It notes every call that had its effect, and
 * takes no value from the code under test.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import type { Call } from '../../emulator/wire.ts';
import { minuteMs } from '../support/time.ts';
import { writtenItems } from '../support/written-items.ts';
import type { SentRequest } from './requests.ts';

const rowSchema = v.object({
  sessionId: v.string(),
  version: v.number(),
  state: v.picklist(['starting', 'pooled', 'running', 'stopping', 'stopped']),
  owner: v.optional(v.string()),
  claim: v.string(),
  /** The birth of a bastion that the pool has started. */
  pool: v.optional(v.object({ at: v.number() })),
  allowedCidrs: v.array(v.string()),
  createdAt: v.number(),
  expiresAt: v.number(),
  host: v.optional(v.string()),
  readyAt: v.optional(v.number()),
  taskArn: v.optional(v.string()),
  reason: v.optional(v.string()),
  warned: v.optional(v.object({ end: v.number(), minutes: v.number() })),
});
export type Row = v.InferOutput<typeof rowSchema>;

const attributes = v.custom<Record<string, AttributeValue>>((value) => typeof value === 'object' && value !== null);
const deleteInput = v.object({ TableName: v.string(), Key: attributes });
const runTaskInput = v.object({ startedBy: v.string() });
const runTaskOutput = v.object({ tasks: v.array(v.object({ taskArn: v.string() })) });
const transactionInput = v.object({ ClientRequestToken: v.string() });
const stopTaskInput = v.object({ task: v.string() });

const tokenKeptMs = 10 * minuteMs;

/** A row before and after a call. Undefined where there is none. */
export interface Change {
  readonly before: Row | undefined;
  readonly after: Row | undefined;
}

/** The circumstances of a call. */
interface Moment {
  readonly now: number;
  /** The request on which the calling function works, if any. */
  readonly request: SentRequest | undefined;
  /** The title of the calling function. */
  readonly title: string | undefined;
}

export class Ledger {
  /** The token of each transaction to the moment at which AWS carried it out. */
  readonly #transactions = new Map<string, number>();
  readonly rows = new Map<string, Row>();
  readonly claims = new Map<string, string>();
  /** The keys of the handoff items that are there. */
  readonly handoffs = new Set<string>();
  /** How often an item of each key has been written. */
  readonly handoffWrites = new Map<string, number>();
  /** The ids of the tasks whose agents have deleted their item. */
  readonly takenTaskIds = new Set<string>();
  /** Each task's ARN to the id of its session. */
  readonly tasks = new Map<string, string>();
  readonly stoppedTaskArns = new Set<string>();
  /** Each session's id to the moment when its row appeared or somebody took it from the pool, and the request that did it. */
  readonly creations = new Map<string, { readonly at: number; readonly by: SentRequest | undefined }>();
  /** Each session's id to the moment when it ceased to live. */
  readonly endedAt = new Map<string, number>();

  /**
   * Whether AWS has answered the call without an effect, because it has carried out a try of the same transaction before. Asked once
   * for each call.
   * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
   */
  isRepeat({ action, input }: Pick<Call, 'action' | 'input'>, now: number): boolean {
    if (action !== 'TransactWriteItems') return false;
    const { ClientRequestToken: token } = v.parse(transactionInput, input);
    const isKnown = now < (this.#transactions.get(token) ?? -Infinity) + tokenKeptMs;
    if (!isKnown) this.#transactions.set(token, now);
    return isKnown;
  }

  /** Notes a call that has just had its effect. @returns the change of a row, if the call made one */
  note(call: Call, output: unknown, { now, request: by, title }: Moment): Change | undefined {
    switch (call.action) {
      case 'PutItem':
      case 'TransactWriteItems':
        return writtenItems(call)
          .map(({ Item }) => this.#put(unmarshall(Item), now, by))
          .find((change) => change !== undefined);
      case 'DeleteItem':
        if (title === undefined && isAgents(call)) this.takenTaskIds.add(taskIdIn(call) ?? '');
        return this.#remove(keyIn(call), now);
      case 'RunTask': {
        const { startedBy } = v.parse(runTaskInput, call.input);
        for (const { taskArn } of v.parse(runTaskOutput, output).tasks) this.tasks.set(taskArn, startedBy);
        return undefined;
      }
      case 'StopTask':
        this.stoppedTaskArns.add(v.parse(stopTaskInput, call.input).task);
        return undefined;
      default:
        return undefined;
    }
  }

  /** The id of the live session that holds the claim. */
  liveSessionOf(claim: string): string | undefined {
    const row = this.rows.get(this.claims.get(claim) ?? '');
    return row && isLive(row) ? row.sessionId : undefined;
  }

  #put(item: Record<string, unknown>, now: number, by: SentRequest | undefined): Change | undefined {
    const key = String(item.pk);
    if (key.startsWith('claim#')) this.claims.set(key.slice('claim#'.length), String(item.sessionId));
    else if (!/^(session|signature|orphan)#/.test(key)) this.#putHandoff(key);
    if (!key.startsWith('session#')) return undefined;
    const after = v.parse(rowSchema, item);
    const { sessionId } = after;
    const before = this.rows.get(sessionId);
    if (!before || isTaking({ before, after })) this.creations.set(sessionId, { at: now, by });
    if (!isLive(after) && !this.endedAt.has(sessionId)) this.endedAt.set(sessionId, now);
    this.rows.set(sessionId, after);
    return { before, after };
  }

  #putHandoff(key: string): void {
    this.handoffs.add(key);
    this.handoffWrites.set(key, (this.handoffWrites.get(key) ?? 0) + 1);
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
    if (before) this.endedAt.set(sessionId, now);
    return before && { before, after: undefined };
  }
}

const keyIn = ({ input }: Call): string => String(unmarshall(v.parse(deleteInput, input).Key).pk);

/** The id of the task to whose handoff item a call goes by its key, `<role id>:<task id>`. */
export function taskIdIn({ input }: Call): string | undefined {
  const [, taskId] = /^[^:#]+:([0-9a-f]{32})$/.exec(Object(input).Key?.pk?.S ?? '') ?? [];
  return taskId;
}

/** Whether a task's agent makes this call, for which there is no invocation of a function. The test itself signs as `test`. */
export const isAgents = (call: Call): boolean =>
  /^(Get|Delete)Item$/.test(call.action) && call.caller !== 'test' && taskIdIn(call) !== undefined;

export const isLive = ({ state }: Row): boolean => ['starting', 'pooled', 'running'].includes(state);

/** Whether somebody takes a pooled bastion by this change. */
export const isTaking = ({ before, after }: Change): boolean =>
  before?.state === 'pooled' && after?.state === 'starting';

/** Whether the pool has started the bastion and nobody has taken it. */
export const isUntaken = ({ claim }: Row): boolean => claim === 'pool';
