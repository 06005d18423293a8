import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../emulator/wire.ts';
import { deploy } from '../../support/deploy.ts';
import type { Deployment } from '../../support/deployment.ts';
import { missing } from '../../support/interceptors.ts';
import { asJson, personArn, publicKey } from '../../support/people.ts';
import { spoil } from '../../support/spoil.ts';
import { minuteMs, secondMs } from '../../support/time.ts';

async function start(bastions: Deployment, user: string) {
  await bastions.clock.advance(1000);
  return bastions.call('POST /', { by: personArn(user), body: publicKey(1), accept: asJson });
}

describe('GET /', () => {
  it('returns the live bastion as text or JSON, and 404 if there is none', async () => {
    const bastions = await deploy();
    expect(await bastions.call('GET /', { by: personArn('ann') })).toMatchObject({
      status: 404,
      json: { ErrorMessage: expect.stringMatching(/No bastion is live for ann/) },
    });
    const { json } = await start(bastions, 'ann');
    expect((await bastions.call('GET /', { by: personArn('ann') })).body).toBe(`${json.host}\n`);
    expect((await bastions.call('GET /', { by: personArn('ann'), accept: asJson })).json).toEqual(json);
  });

  it('finds out that a bastion has come up meanwhile', async () => {
    const bastions = await deploy({ delays: { pullingMs: 40 * secondMs } });
    expect(await start(bastions, 'ann')).toMatchObject({ status: 202 });
    const look = () => bastions.call('GET /', { by: personArn('ann'), accept: asJson });
    expect((await look()).json).toMatchObject({ state: 'starting' });
    await bastions.clock.advance(20 * secondMs);
    expect((await look()).json).toMatchObject({ state: 'running', host: expect.any(String), port: 22 });
  });
});

describe('GET / of a bastion whose task ECS does not find', () => {
  it('returns it if ECS lists the task', async () => {
    let isMissing = false;
    const bastions = await deploy({
      onCall: (call, proceed) => (isMissing ? missing(call, proceed) : proceed()),
    });
    const { json } = await start(bastions, 'ann');
    await bastions.clock.advance(6 * minuteMs);
    isMissing = true;
    expect((await bastions.call('GET /', { by: personArn('ann') })).body).toBe(`${json.host}\n`);
  });
});

describe('GET /sessions', () => {
  it('tells an admin of no pool where there is none', async () => {
    const bastions = await deploy();
    expect((await bastions.call('GET /sessions')).json).toEqual({
      caller: { user: 'admin', isAdmin: true },
      sessions: [],
    });
  });

  it('lists a person’s sessions, newest first, and all sessions for an admin', async () => {
    const bastions = await deploy();
    for (const user of ['ann', 'bob']) await start(bastions, user);
    await bastions.call('DELETE /', { by: personArn('ann') });
    await bastions.clock.advance(5000);
    await start(bastions, 'ann');

    const list = async (request = {}) =>
      (await bastions.call('GET /sessions', request)).json.sessions.map(
        (s: { user: string; state: string }) => `${s.user} ${s.state}`,
      );
    expect(await list({ by: personArn('ann') })).toEqual(['ann running', 'ann stopped']);
    expect(await list()).toEqual(['ann running', 'bob running', 'ann stopped']);
    expect(await list({ query: { user: 'bob' } })).toEqual(['bob running']);
    expect(await list({ query: { state: 'stopped' } })).toEqual(['ann stopped']);
    expect((await bastions.call('GET /sessions', { by: personArn('bob'), query: { user: 'ann' } })).status).toBe(403);
  });

  it('shows when and why a session ended', async () => {
    const bastions = await deploy();
    await start(bastions, 'ann');
    await bastions.call('DELETE /', { by: personArn('ann') });
    const endedAt = new Date(bastions.clock.now()).toISOString().slice(0, 16);
    await bastions.clock.advance(5000);
    const { json } = await bastions.call('GET /sessions', { by: personArn('ann') });
    expect(json.sessions[0]).toMatchObject({
      state: 'stopped',
      reason: 'stopped',
      endedAt: expect.stringMatching(endedAt),
    });
  });

  it.each([{}, { state: 'running' }])('comes in pages that have every session once: %j', async (query) => {
    const bastions = await deploy();
    const users = ['u1', 'u2', 'u3', 'u4', 'u5'];
    for (const user of users) await start(bastions, user);
    const seen: string[] = [];
    for (let next: string | undefined; ; ) {
      const { json } = await bastions.call('GET /sessions', {
        query: { limit: '2', ...query, ...(next && { next }) },
      });
      expect(json.sessions.length).toBeLessThanOrEqual(2);
      seen.push(...json.sessions.map(({ user }: { user: string }) => user));
      next = json.next;
      if (!next) break;
    }
    expect(seen).toEqual(users.toReversed());
  });

  it('reads for a state that ends no row of those that have ended', async () => {
    const scanned: number[] = [];
    const bastions = await deploy({
      onCall: async (call, proceed, invocation) => {
        const output = await proceed();
        if (invocation?.title === 'Sessions' && call.action === 'Query') scanned.push(Object(output).ScannedCount);
        return output;
      },
    });
    for (let n = 0; n < 5; n++) {
      await start(bastions, 'ann');
      await bastions.call('DELETE /', { by: personArn('ann') });
    }
    await start(bastions, 'bob');
    await bastions.clock.advance(2 * minuteMs);
    const { json } = await bastions.call('GET /sessions', { query: { state: 'running' } });
    expect(json.sessions).toMatchObject([{ user: 'bob', state: 'running' }]);
    expect(scanned).toEqual([1]);
  });

  it('comes to a person in pages that have every session of theirs once', async () => {
    const bastions = await deploy();
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) {
      await start(bastions, 'bob');
      ids.push((await start(bastions, 'ann')).json.sessionId);
      await bastions.call('DELETE /', { by: personArn('ann') });
    }
    const page = async (query: Record<string, string>) =>
      (await bastions.call('GET /sessions', { by: personArn('ann'), query: { limit: '2', ...query } })).json;
    const first = await page({});
    const second = await page({ next: first.next });
    const seen = [...first.sessions, ...second.sessions].map(({ sessionId }: { sessionId: string }) => sessionId);
    expect(seen).toEqual(ids.toReversed());
    expect(second.next).toBeUndefined();
  });

  it.each([
    ['a person', { by: personArn('ann') }, [1]],
    ['an admin', { query: { limit: '2' } }, [3]],
  ])('asks for a page once, and reads no more rows than it needs, for %s', async (_, request, expected) => {
    const scanned: number[] = [];
    const bastions = await deploy({
      onCall: async (call, proceed, invocation) => {
        const output = await proceed();
        if (call.action === 'Query' && invocation?.title === 'Sessions') scanned.push(Object(output).ScannedCount);
        return output;
      },
    });
    for (const user of ['ann', 'bob', 'cid', 'dan', 'eve']) await start(bastions, user);
    expect((await bastions.call('GET /sessions', request)).status).toBe(200);
    expect(scanned).toEqual(expected);
  });

  it('leaves out a row that is no session, and logs it', async () => {
    const bastions = await deploy({ reaps: false });
    const { json } = await start(bastions, 'ann');
    await start(bastions, 'bob');
    await spoil(bastions, json.sessionId);
    const { sessions } = (await bastions.call('GET /sessions')).json;
    expect(sessions.map(({ user }: { user: string }) => user)).toEqual(['bob']);
    expect(bastions.logged).toContainEqual(
      expect.objectContaining({ decision: 'row left out of the list', sessionId: json.sessionId }),
    );
  });
});

describe('GET /health', () => {
  it('reads table and cluster at most once in ten seconds', async () => {
    let calls = 0;
    const bastions = await deploy({
      onCall: (call, proceed) => {
        if (call.action === 'DescribeClusters') calls++;
        return proceed();
      },
    });
    for (let n = 0; n < 5; n++) expect(await bastions.call('GET /health')).toMatchObject({ status: 200, json: {} });
    expect(calls).toBe(1);
    await bastions.clock.advance(10 * secondMs);
    await bastions.call('GET /health');
    expect(calls).toBe(2);
  });

  it('returns 500 if one of them fails', async () => {
    const bastions = await deploy({
      onCall: async (call, proceed) => {
        if (call.service === 'dynamodb' && call.action === 'GetItem')
          throw new AwsError('InternalServerError', 'down', 500);
        return proceed();
      },
    });
    expect(await bastions.call('GET /health')).toMatchObject({
      status: 500,
      json: { ErrorMessage: expect.any(String) },
    });
  });
});
