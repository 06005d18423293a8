/** Every route under random requests: nothing that a caller sends makes an error of ours. */
import fc from 'fast-check';
import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { errorBody, queries, routes } from '../../../contracts/api.ts';
import { pageRoutes, personRoutes, workloadRoutes } from '../../../contracts/sign-in.ts';
import { deploy } from '../../support/deploy.ts';
import type { Deployment } from '../../support/deployment.ts';
import { publicKey } from '../../support/people.ts';
import { secretOf } from '../../support/secret.ts';
import { ann, deployJob, olga } from '../../support/tokens.ts';

let bastions: Deployment;
let secret: string;

beforeAll(async () => {
  bastions = await deploy({ environment: { MAX_SESSIONS: '500' } });
  secret = await secretOf(bastions);
});

const account = 'arn:aws:iam::123456789012';
const role = 'arn:aws:sts::123456789012:assumed-role/dev';
const word = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom('', 'ann', 'a,b', '0', '-1', '1e9', '1h', '2m', '999999h', 'stopped', '__proto__', 'constructor'),
  fc.nat({ max: 9000 }).map((length) => 'x'.repeat(length)),
  fc
    .record({ sessionId: fc.oneof(fc.uuid(), fc.string()), createdAt: fc.oneof(fc.maxSafeNat(), fc.double()) })
    .map((position) => Buffer.from(JSON.stringify(position)).toString('base64url')),
);
const parameter = fc.oneof(
  fc.constantFrom(...Object.values(queries).flatMap(({ entries }) => Object.keys(entries))),
  fc.string({ maxLength: 12 }),
);
const field = fc.constantFrom(
  ...['publicKey', 'activationId', 'activationCode', 'activationRegion', 'orgId', 'orgProvider', 'activationToken'],
  ...['environmentId', 'serviceUrl', 'containerId', 'uniqueId', '__proto__'],
);
const body = fc.oneof(
  word,
  fc.dictionary(field, fc.oneof(word, fc.jsonValue())).map((fields) => JSON.stringify(fields)),
  fc.constant(publicKey(1)),
  fc.json(),
);
const caller = fc.oneof(
  fc.constantFrom(`${account}:user/ann`, `${account}:user/team/admin`, `${account}:root`, 'rubbish'),
  fc.constantFrom(`${role}/ann`, `${role}/botocore-session-1700000000`, `${account}:federated-user/ann`),
  fc.string({ maxLength: 64 }).map((name) => `${role}/${name}`),
);
const headers = fc.oneof(
  fc.constant('Basic right'),
  fc.string({ maxLength: 40 }),
  fc.constantFrom('Basic', 'Basic ', 'Bearer x'),
);

const claims = fc.oneof(
  fc.constantFrom(ann, olga, deployJob),
  fc.dictionary(
    fc.constantFrom('iss', 'sub', 'email', 'email_verified', 'groups', 'repository', 'project_path', 'environment'),
    word,
  ),
  fc.record({ email: word, groups: word, environment: word }).map((some) => ({ ...ann, ...deployJob, ...some })),
);

const request = fc.record({
  route: fc.constantFrom(
    ...[routes, personRoutes, workloadRoutes, pageRoutes].flatMap((some) => Object.values<string>(some)),
  ),
  by: caller,
  claims,
  from: fc.oneof(fc.ipV4(), fc.ipV6()),
  query: fc.dictionary(parameter, word, { maxKeys: 3 }),
  body,
  accept: fc.constantFrom('application/json', '*/*', ''),
  authorization: headers,
  timestamp: word,
});

/** Statuses that tell a caller about their own request. */
const honest = [200, 202, 400, 401, 403, 404, 409, 429, 501];

describe('a random request', () => {
  it('is answered, refused in the form of every error, and never an error of ours', async () => {
    const counts = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(request, async ({ route, authorization, timestamp, ...random }) => {
        const reply = await bastions.call(route, {
          ...random,
          headers: { authorization: authorization.replace('right', secret), 'x-timestamp': timestamp },
        });
        counts.set(reply.status, (counts.get(reply.status) ?? 0) + 1);
        expect(honest).toContain(reply.status);
        if (reply.status < 400) return;
        expect(v.is(v.strictObject(errorBody.entries), reply.json)).toBe(true);
        expect(reply.headers['x-request-id']).toBe('request-1');
        expect(reply.body).not.toContain(secret);
      }),
      { numRuns: 800, seed: 12 },
    );
    console.log(`fuzz: ${[...counts].map(([status, count]) => `${count} x ${status}`).join(', ')}`);
    // The requests reach beyond the threshold often enough.
    for (const status of [200, 400, 401, 403, 404]) expect(counts.get(status)).toBeGreaterThan(5);
  });
});
