/** Bastions of people and workloads with a token, on the routes of their own. */
import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../../lambdas/fingerprint.ts';
import { deploy } from '../../support/deploy.ts';
import { admin, asJson, personArn, publicKey } from '../../support/people.ts';
import { ann, ciIssuer, deployJob, issuer, olga, personClaims, workloadClaims } from '../../support/tokens.ts';

const key = publicKey(1);

describe('a person with a token', () => {
  it('starts, looks at, lists and stops the bastion of the address', async () => {
    const bastions = await deploy();
    const { status, json } = await bastions.call('POST /me', { claims: ann, body: key, accept: asJson });
    const startedBy = `${issuer}#id-of-ann@example.com`;
    expect({ status, user: json.user, startedBy: json.startedBy }).toEqual({
      status: 200,
      user: 'ann@example.com',
      startedBy,
    });
    expect((await bastions.call('GET /me', { claims: ann })).body).toBe(`${json.host}\n`);
    expect((await bastions.call('GET /me/known_hosts', { claims: ann })).body).toContain(json.hostKeys[0]);
    const { json: listed } = await bastions.call('GET /me/sessions', { claims: ann });
    expect(listed.sessions).toMatchObject([{ user: 'ann@example.com', startedBy }]);
    expect((await bastions.call('DELETE /me', { claims: ann })).status).toBe(200);
    await bastions.clock.advance(60_000);
    expect(await bastions.leftovers()).toEqual([]);
  });

  it('and a role session of the same name are one user', async () => {
    const bastions = await deploy();
    const { json } = await bastions.call('POST /', { by: personArn('Ann@example.com'), body: key, accept: asJson });
    const { json: found } = await bastions.call('POST /me', { claims: ann, accept: asJson });
    expect(found.sessionId).toBe(json.sessionId);
  });

  it('acts for nobody else, but as an admin', async () => {
    const bastions = await deploy();
    const query = { user: 'bob@example.com' };
    const refused = await bastions.call('POST /me', { claims: ann, query, body: key });
    expect(refused).toMatchObject({
      status: 403,
      json: { ErrorMessage: expect.stringMatching(/may not act for bob@/) },
    });
    const started = await bastions.call('POST /me', { claims: olga, query, body: key, accept: asJson });
    expect(started).toMatchObject({
      status: 200,
      json: { user: 'bob@example.com', startedBy: expect.stringMatching(/olga/) },
    });
    expect((await bastions.call('GET /me/sessions', { claims: olga })).json.sessions).toHaveLength(1);
    expect((await bastions.call('GET /me/sessions', { claims: ann })).json.sessions).toEqual([]);
  });

  it('is in the log of each decision, refusals too, as issuer and subject', async () => {
    const bastions = await deploy();
    await bastions.call('POST /me', { claims: ann, body: key });
    await bastions.call('POST /me', { claims: personClaims('eve@evil.test'), body: key });
    const caller = `${issuer}#id-of-ann@example.com`;
    expect(bastions.logged).toContainEqual(
      expect.objectContaining({ decision: 'task accepted', caller, keyFingerprint: fingerprintOf(key) }),
    );
    expect(bastions.logged).toContainEqual(
      expect.objectContaining({ decision: 'request refused', caller: `${issuer}#id-of-eve@evil.test` }),
    );
    expect(await bastions.rows()).toHaveLength(1);
  });
});

describe('a workload with a token', () => {
  it('starts, looks at and stops the bastion of its environment', async () => {
    const bastions = await deploy();
    const { status, json } = await bastions.call('POST /ci', { claims: deployJob, body: key, accept: asJson });
    expect({ status, user: json.user }).toEqual({ status: 200, user: 'example=shop=production' });
    expect(json.startedBy).toBe(`${ciIssuer}#repo:example/shop:environment:production`);
    expect((await bastions.call('GET /ci', { claims: deployJob })).body).toBe(`${json.host}\n`);
    expect((await bastions.call('GET /ci/known_hosts', { claims: deployJob })).status).toBe(200);
    expect((await bastions.call('DELETE /ci', { claims: deployJob })).status).toBe(200);
  });

  it.each(['POST /ci', 'GET /ci', 'GET /ci/known_hosts', 'DELETE /ci'])(
    'names no user on %s, not even its own',
    async (route) => {
      const bastions = await deploy();
      const query = { user: 'example=shop=production' };
      expect(await bastions.call(route, { claims: deployJob, query, body: key })).toMatchObject({
        status: 400,
        json: { ErrorMessage: expect.stringMatching(/^query: got "user", expected /) },
      });
    },
  );

  it('shares the limit of its repository with the other environments, which its authors make up', async () => {
    const bastions = await deploy({ environment: { MAX_PER_ROLE: '2' } });
    const start = (repository: string, environment: string) =>
      bastions.call('POST /ci', { claims: workloadClaims(repository, environment), body: key });
    const statuses = [];
    for (const environment of ['a', 'b', 'c']) statuses.push((await start('example/shop', environment)).status);
    expect(statuses).toEqual([200, 200, 429]);
    expect((await start('example/shop', 'c')).json.ErrorMessage).toBe(
      'The limit of 2 live bastions of the repository example/shop (setting maxPerRole) is reached. Stop one, or try again later.',
    );
    expect((await start('example/other', 'a')).status).toBe(200);
    await bastions.call('DELETE /', { by: admin, query: { user: 'example=shop=a' } });
    await bastions.clock.advance(120_000);
    expect((await start('example/shop', 'c')).status).toBe(200);
  });
});
