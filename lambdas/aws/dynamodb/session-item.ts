/** A session row and a claim, between DynamoDB's form and ours. What comes out of the table is parsed, never believed. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { webhookAgents } from '../../../contracts/agent.ts';
import { table } from '../../../contracts/stack.ts';
import { endReasons, keepStoppedMs, type Session, sessionStates } from '../../core/session/session.ts';

export const sessionKey = (sessionId: string): string => `${table.prefixes.session}${sessionId}`;
export const claimKey = (claim: string): string => `${table.prefixes.claim}${claim}`;

const instant = v.pipe(v.number(), v.integer());

const sessionItem = v.object({
  sessionId: v.string(),
  version: v.number(),
  state: v.picklist(sessionStates),
  owner: v.string(),
  claim: v.string(),
  agent: v.variant('kind', [
    v.object({ kind: v.literal('ssh'), publicKey: v.string(), port: v.number() }),
    v.object({ kind: v.picklist(webhookAgents), idName: v.picklist(['containerId', 'uniqueId']) }),
  ]),
  allowedCidrs: v.array(v.string()),
  createdAt: instant,
  expiresAt: instant,
  latestEnd: instant,
  reapAt: v.exactOptional(instant),
  creatingUntil: v.exactOptional(instant),
  securityGroupId: v.exactOptional(v.string()),
  taskArn: v.exactOptional(v.string()),
  host: v.exactOptional(v.string()),
  endedAt: v.exactOptional(instant),
  reason: v.exactOptional(v.picklist(endReasons)),
  detail: v.exactOptional(v.string()),
});

const anyItem = v.object({ sessionId: v.string() });

/** Throws an error that names the item, when it is no session as this version knows them. */
export function fromItem(item: Record<string, AttributeValue>): Session {
  const parsed = v.safeParse(sessionItem, unmarshall(item));
  if (parsed.success) return parsed.output;
  const problems = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? 'item'}: ${issue.message}`);
  throw new Error(
    `The item ${sessionKey(sessionIdIn(item))} is no session: ${problems.join('; ')}. Has a newer version of the stack written it? Deploy that one, or mend the item.`,
  );
}

/** The session that a row is of, or a claim is held by. */
export const sessionIdIn = (item: Record<string, AttributeValue>): string =>
  v.parse(anyItem, unmarshall(item)).sessionId;

export function toItem(session: Session): Record<string, unknown> {
  const purgeAt =
    session.state === 'stopped'
      ? Math.ceil(((session.endedAt ?? session.createdAt) + keepStoppedMs) / 1000)
      : undefined;
  return { ...session, [table.key]: sessionKey(session.sessionId), [table.ttl]: purgeAt };
}
