/** A pool of two with the real curl, ssh and sshd. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { sessionList } from '../../contracts/api.ts';
import { type RecordedRun, startRecordedRun } from '../support/recorded-run.ts';
import { type KeyPair, makeKeyPair, ssh } from '../support/ssh.ts';
import { curl, User, untilGone } from '../support/user.ts';

let local: RecordedRun;
let directory: string;
let mine: KeyPair;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'e2e-'));
  mine = await makeKeyPair(directory, 'mine');
  local = await startRecordedRun({ poolSize: '2' });
});

afterAll(async () => {
  await local.stop();
  await rm(directory, { recursive: true });
});

async function pooled() {
  const { body } = await curl(local, '/sessions?state=pooled');
  return v.parse(sessionList, JSON.parse(body)).sessions;
}

it('a bastion waits, lets nobody in, and is its owner’s once somebody asks', async () => {
  const waiting = await vi.waitFor(
    async () => {
      const sessions = await pooled();
      expect(sessions).toHaveLength(2);
      return sessions;
    },
    { timeout: 60_000, interval: 200 },
  );
  for (const { host = '', port = 0, login = '', user } of waiting) {
    expect(user).toBeUndefined();
    expect(await ssh({ host, port, login, identity: mine.privateKey }, 'true')).toMatchObject({ code: 255 });
  }

  const ann = new User(local, 'ann', mine);
  const { sessionId, target } = await ann.start();
  expect(waiting.map((session) => session.sessionId)).toContain(sessionId);
  expect(await ssh(target, 'echo', 'inside')).toMatchObject({ code: 0, stdout: 'inside\n' });
  expect((await pooled()).map((session) => session.sessionId)).not.toContain(sessionId);

  await ann.delete();
  expect(await untilGone(local, sessionId)).toMatchObject({ reason: 'stopped' });
});
