/** Sessions and claims between DynamoDB's form and ours. Every item that comes out of the table is parsed. */
import { isIPv4, isIPv6 } from 'node:net';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { webhookAgents } from '../../../contracts/agent.ts';
import { endReasons, sessionStates } from '../../../contracts/api.ts';
import { table } from '../../../contracts/stack.ts';
import { mostFormerCidrs } from '../../core/session/former-addresses.ts';
import { keepStoppedMs, type Session } from '../../core/session/session.ts';

export const sessionKey = (sessionId: string): string => `${table.prefixes.session}${sessionId}`;
export const claimKey = (claim: string): string => `${table.prefixes.claim}${claim}`;

const instant = v.pipe(v.number(), v.integer());

/** One address alone. A function that may write rows and not open ports must not have another function open more. */
const oneAddress = v.pipe(
  v.string(),
  v.check((cidr) => {
    const [address = '', bits, ...rest] = cidr.split('/');
    return rest.length === 0 && ((isIPv4(address) && bits === '32') || (isIPv6(address) && bits === '128'));
  }, 'expected one address, as /32 or /128'),
);
const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535));

const sessionItem = v.object({
  sessionId: v.string(),
  version: v.number(),
  state: v.picklist(sessionStates),
  owner: v.exactOptional(v.string()),
  pool: v.exactOptional(v.object({ at: instant, taskDefinition: v.string() })),
  claim: v.string(),
  agent: v.variant('kind', [
    v.object({
      kind: v.literal('ssh'),
      publicKey: v.exactOptional(v.string()),
      port,
      keyFingerprint: v.exactOptional(v.string()),
      hostKeys: v.array(v.string()),
    }),
    v.object({ kind: v.picklist(webhookAgents), idName: v.picklist(['containerId', 'uniqueId']) }),
  ]),
  startedBy: v.exactOptional(v.string()),
  startedFrom: v.exactOptional(v.string()),
  movedBy: v.exactOptional(v.string()),
  allowedCidrs: v.pipe(v.array(oneAddress), v.maxLength(1)),
  formerCidrs: v.exactOptional(v.pipe(v.array(oneAddress), v.maxLength(mostFormerCidrs))),
  createdAt: instant,
  expiresAt: instant,
  latestEnd: instant,
  reapAt: v.exactOptional(instant),
  creatingUntil: v.exactOptional(instant),
  securityGroupId: v.exactOptional(v.string()),
  taskArn: v.exactOptional(v.string()),
  host: v.exactOptional(v.string()),
  readyAt: v.exactOptional(instant),
  warned: v.exactOptional(v.object({ end: instant, minutes: v.number() })),
  endedAt: v.exactOptional(instant),
  reason: v.exactOptional(v.picklist(endReasons)),
  detail: v.exactOptional(v.string()),
});

const anyItem = v.object({ sessionId: v.string() });

/** Parses the item of a session. Throws an error that names the item and its problems. */
export function fromItem(item: Record<string, AttributeValue>): Session {
  const parsed = v.safeParse(sessionItem, unmarshall(item));
  if (parsed.success) return parsed.output;
  const problems = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? 'item'}: ${issue.message}`);
  throw new Error(
    `The item ${sessionKey(sessionIdIn(item))} is no session: ${problems.join('; ')}. If a newer version of the stack has written it, deploy that version; else fix the item.`,
  );
}

const image = v.custom<Record<string, AttributeValue>>((value) => typeof value === 'object' && value !== null);

/** Parses the image of a session's row in a record of the table's stream. Throws for anything else. */
export const imageOf = (value: unknown): Session => fromItem(v.parse(image, value));

/** The id of the session that a row describes or that holds a claim. */
export const sessionIdIn = (item: Record<string, AttributeValue>): string =>
  v.parse(anyItem, unmarshall(item)).sessionId;

export function toItem(session: Session): Record<string, unknown> {
  const purgeAt =
    session.state === 'stopped'
      ? Math.ceil(((session.endedAt ?? session.createdAt) + keepStoppedMs) / 1000)
      : undefined;
  return { ...session, [table.key]: sessionKey(session.sessionId), [table.ttl]: purgeAt };
}
