/** Writes rows straight into the emulated table: ended sessions, and the places of live ones. */
import { marshall } from '@aws-sdk/util-dynamodb';
import { table } from '../contracts/stack.ts';
import { saving } from '../lambdas/aws/dynamodb/sessions.ts';
import { markStopped, markStopping, newSession, type Session } from '../lambdas/core/session/session.ts';
import type { Deployment } from '../test/support/deployment.ts';
import { home } from '../test/support/people.ts';
import { hourMs, secondMs } from '../test/support/time.ts';
import { callTable } from './table.ts';

/** The person whose history is a quarter of all. */
export const frequentUser = 'arjen';
const userCount = 100;
const betweenMs = 5 * secondMs;

/** Puts so many ended sessions, the last of which has just ended. */
export function putHistory(bastions: Deployment, count: number): void {
  for (let n = 0; n < count; n += 1) putRow(bastions, ended(n, bastions.clock.now() - (count - n) * betweenMs));
}

/** Makes these sessions the holders of places. */
export function putPlaces(bastions: Deployment, sessions: readonly Session[]): void {
  const holders = new Set(sessions.map(({ sessionId }) => sessionId));
  put(bastions, marshall({ [table.key]: `${table.prefixes.places}people`, holders }));
}

function putRow(bastions: Deployment, session: Session): void {
  put(bastions, saving(bastions.tableName, session).write.Item);
}

function put(bastions: Deployment, Item: object): void {
  callTable(bastions, 'PutItem', { TableName: bastions.tableName, Item });
}

function ended(n: number, createdAt: number): Session {
  const owner = n % 4 === 0 ? frequentUser : `user${n % userCount}`;
  const session = newSession(
    {
      sessionId: `0badcafe-0000-4000-a000-${String(n).padStart(12, '0')}`,
      owner,
      claim: `user#${owner}`,
      agent: {
        kind: 'ssh',
        publicKey: `ssh-ed25519 ${'A'.repeat(68)}`,
        port: 22,
        keyFingerprint: `SHA256:${'A'.repeat(43)}`,
        hostKeys: [`ssh-ed25519 ${'A'.repeat(68)}`],
      },
      startedBy: `arn:aws:sts::123456789012:assumed-role/dev/${owner}`,
      startedFrom: home,
      allowedCidrs: [`${home}/32`],
      ttlSeconds: hourMs / secondMs,
      maxLifetimeSeconds: hourMs / secondMs,
    },
    createdAt,
  );
  return markStopped(markStopping(session, 'stopped', createdAt + 1));
}
