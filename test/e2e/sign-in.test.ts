/** People without an AWS identity, on the local run with its own identity provider. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sessionList, sessionView } from '../../contracts/api.ts';
import { type RecordedRun, startRecordedRun } from '../support/recorded-run.ts';
import { signInAs } from '../support/sign-in.ts';
import { type KeyPair, makeKeyPair, ssh } from '../support/ssh.ts';
import { untilGone } from '../support/user.ts';

let local: RecordedRun;
let directory: string;
let key: KeyPair;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'e2e-sign-in-'));
  key = await makeKeyPair(directory, 'ann');
  local = await startRecordedRun({}, { issuerPort: 0 });
});

afterAll(async () => {
  await local.stop();
  await rm(directory, { recursive: true });
});

/** Signs a person in, and returns how the person calls the API. */
async function signIn(person: string) {
  const { access_token } = await signInAs(person, { issuer: local.issuer ?? '', redirectUri: `${local.api}/web` });
  return (method: string, path: string, body?: string) =>
    fetch(`${local.api}${path}`, {
      method,
      headers: { authorization: `Bearer ${access_token}`, accept: 'application/json' },
      ...(body !== undefined && { body }),
    });
}

describe('a person with a token', () => {
  it('starts a bastion, enters it, and finds it under the address; an admin sees and stops it', async () => {
    const ann = await signIn('ann');
    const started = await ann('POST', '/me', await readFile(`${key.privateKey}.pub`, 'utf8'));
    expect(started.status).toBe(200);
    const { sessionId, host = '', port = 0, login = '', user, startedBy } = v.parse(sessionView, await started.json());
    expect({ user, startedBy }).toEqual({ user: 'ann@example.com', startedBy: `${local.issuer}#ann` });
    const target = { host, port, login, identity: key.privateKey };
    expect(await ssh(target, 'echo', 'inside')).toMatchObject({ code: 0, stdout: 'inside\n' });

    const olga = await signIn('olga');
    const { sessions } = v.parse(sessionList, await (await olga('GET', '/me/sessions')).json());
    expect(sessions).toMatchObject([{ sessionId, user: 'ann@example.com' }]);
    const path = '/me?user=ann@example.com';
    expect((await ann('GET', '/me?user=olga@example.com')).status).toBe(403);
    expect((await olga('DELETE', path)).status).toBe(200);
    expect(await untilGone(local, sessionId)).toMatchObject({ reason: 'stopped' });
  });

  it('is written down with issuer and subject', () => {
    const line = local.events.find(({ message }) => message.includes('"message":"task accepted"'));
    expect(line?.message).toContain(`"caller":"${local.issuer}#ann"`);
  });

  it('meets the person who runs it all on the routes of IAM, whatever token comes with the request', async () => {
    const headers = { authorization: 'Bearer x' };
    expect((await fetch(`${local.api}/sessions`, { headers })).status).toBe(200);
    expect((await fetch(`${local.api}/me/sessions`, { headers })).status).toBe(401);
  });
});
