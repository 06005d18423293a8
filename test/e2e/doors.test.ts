/** The local run among web pages and other users: real curl and ssh, against both ports and a bastion. */
import { chown, copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { noOtherUser, otherUid, runAsNobody } from '../support/another-user.ts';
import { type RecordedRun, startRecordedRun } from '../support/recorded-run.ts';
import { type KeyPair, makeKeyPair, run, ssh, sshOptions } from '../support/ssh.ts';
import { curl, User } from '../support/user.ts';

let local: RecordedRun;
let directory: string;
let key: KeyPair;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'doors-'));
  key = await makeKeyPair(directory, 'mine');
  local = await startRecordedRun();
});

afterAll(async () => {
  await local.stop();
  await rm(directory, { recursive: true });
});

const sessions = async () => JSON.parse((await curl(local, '/sessions')).body).sessions;

describe('a page that has pointed its own name at this machine', () => {
  /** Asks a port under the page's name, and sends `Origin` as a browser does with a POST. */
  const fromPage = (url: string, ...args: string[]) => {
    const { port } = new URL(url);
    const name = `rebound.example:${port}`;
    return run('curl', ['-sS', '-i', '--resolve', `${name}:127.0.0.1`, ...args, `http://${name}/`]);
  };

  it('starts nothing and learns nothing by the API', async () => {
    const start = await fromPage(
      local.api,
      '--data-binary',
      `@${key.privateKey}.pub`,
      '-H',
      'Origin: http://rebound.example',
    );
    const look = await fromPage(local.api);
    for (const { stdout } of [start, look]) {
      expect(stdout).toMatch(/^HTTP\/1\.1 403 /);
      expect(stdout).toContain('{"ErrorMessage":"Host: got \\"rebound.example:');
    }
    expect(await sessions()).toEqual([]);
  });

  it('runs no task by the AWS port', async () => {
    const overrides = {
      containerOverrides: [{ name: 'ssh', environment: [{ name: 'BASH_ENV', value: '/tmp/evil' }] }],
    };
    const { stdout } = await fromPage(
      local.aws,
      ...['-H', 'X-Amz-Target: AmazonEC2ContainerServiceV20141113.RunTask'],
      ...['-d', JSON.stringify({ taskDefinition: 'ssh', overrides })],
    );
    expect(stdout).toMatch(/^HTTP\/1\.1 403 /);
    expect(stdout).toContain('AccessDeniedException');
  });
});

describe('another user of this machine', () => {
  beforeEach(({ skip }) => skip(noOtherUser !== undefined, noOtherUser));

  it('starts nothing by either port', async () => {
    for (const url of [local.api, local.aws]) {
      const { stdout } = await runAsNobody('curl', ['-sS', '-i', '-d', key.publicKey, url]);
      expect(stdout).toMatch(/^HTTP\/1\.1 403 /);
      expect(stdout).toContain(
        `Got a program of the user with uid ${otherUid}, expected one of the user who runs this`,
      );
    }
    expect(await sessions()).toEqual([]);
  });

  it('does not reach a bastion, even with the key to it', async () => {
    const user = new User(local, 'ann', key);
    const { target } = await user.start();
    await using stolen = await stealKey(key);
    const args = [...sshOptions(stolen.key), '-p', `${target.port}`, `${target.login}@${target.host}`, 'true'];
    expect(await runAsNobody('ssh', args)).toMatchObject({ code: 255 });
    expect(local.output()).toContain(
      `firewall: connection from 127.0.0.1 refused: Got a program of the user with uid ${otherUid}, expected`,
    );
    expect(await ssh(target, 'true')).toMatchObject({ code: 0 });
    await user.delete();
  });
});

/** Copies a private key to where `nobody` can read it. The tests' own folder is closed to other users. */
async function stealKey({ privateKey }: KeyPair) {
  const folder = await mkdtemp(join('/tmp', 'stolen-'));
  const copy = join(folder, 'key');
  await copyFile(privateKey, copy);
  for (const path of [folder, copy]) await chown(path, otherUid, otherUid);
  return { key: copy, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}
