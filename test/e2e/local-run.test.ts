/** The local run itself: what it leaves, what it says, and that time really ends a bastion. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChildRun, runToItsEnd, startLocalRun } from '../support/local-run.ts';
import { type KeyPair, makeKeyPair, run, ssh } from '../support/ssh.ts';
import { User, untilGone } from '../support/user.ts';

let directory: string;
let key: KeyPair;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'e2e-'));
  key = await makeKeyPair(directory, 'id');
});

afterAll(() => rm(directory, { recursive: true }));

async function during(local: Promise<ChildRun>, act: (local: ChildRun) => Promise<void>): Promise<void> {
  const started = await local;
  try {
    await act(started);
  } finally {
    await started.stop();
  }
}

describe('a brief bastion', () => {
  it('is removed by the schedule of the stack after its time', async () => {
    await during(startLocalRun({ defaultTtl: '5s' }), async (local) => {
      const { sessionId, target } = await new User(local, 'brief', key).start();
      expect(await ssh(target, 'true')).toMatchObject({ code: 0 });
      expect(await untilGone(local, sessionId, 90_000)).toMatchObject({ reason: 'expired' });
    });
  }, 300_000);

  it('ends by itself at the latest end, with no need of the schedule', async () => {
    const settings = { defaultTtl: '5s', maxTtl: '5s', maxLifetime: '5s' };
    await during(startLocalRun(settings), async (local) => {
      const { sessionId } = await new User(local, 'briefest', key).start();
      expect(await untilGone(local, sessionId)).toMatchObject({ reason: 'expired' });
    });
  });
});

it('says what the README shows, and how a webhook asks, in a line that works as it stands', async () => {
  await during(startLocalRun(), async (local) => {
    const readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8');
    const labels = (text: string) =>
      [...text.matchAll(/^([a-z]+) +\S/gim)].map(([, label]) => label).filter((label) => label !== 'key');
    const [, shown = ''] = /^\$ npm start\n(.*?^ready in)/ms.exec(readme) ?? [];
    const [printed = ''] = /^API .*?^ready in/ms.exec(local.output()) ?? [];
    expect(labels(shown)).toEqual(['API', 'AWS', 'try', 'webhooks', 'look', 'ready']);
    expect(labels(printed)).toEqual(labels(shown));
    expect(printed).toContain(/\(emulated: .*\)/.exec(shown)?.[0]);

    const asking = (await local.line(/^webhooks /)).replace('webhooks ', '');
    const { stdout } = await run('bash', ['-c', `${asking} -sS`]);
    expect(JSON.parse(stdout)).toEqual({ containerId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  });
});

describe('Ctrl-C', () => {
  it('ends everything it started', async () => {
    const local = await startLocalRun();
    const { target } = await new User(local, 'arjen', key).start();
    expect(await local.stop()).toBe(0);
    expect(await ssh(target, 'true')).toMatchObject({ code: 255 });
    expect((await run('pgrep', ['-f', `ListenAddress=${target.host.replace('127.77.', '127.78.')}:`])).stdout).toBe('');
  });
});

describe('a local run that can not be', () => {
  it('says which port is taken, and what to do', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const { code, stderr } = await runToItsEnd([], { PORT: port, AWS_PORT: '0' });
    server.close();
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(new RegExp(`^Port ${port} .* PORT=\\d+\\.\n$`)),
    });
  });

  it.each([
    [['-c', 'maxSessions=many'], {}, /setting maxSessions: got "many", expected a whole number/],
    [['-c', 'maxSessions'], {}, /-c: got "maxSessions", expected <setting>=<value>/],
    [[], { PORT: 'http' }, /PORT: got "http", expected a port/],
  ])('%j %j is told what is wrong', async (args, env, message) => {
    const { code, stderr } = await runToItsEnd(args, { PORT: '0', AWS_PORT: '0', ...env });
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
  });
});
