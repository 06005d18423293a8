/** People with the real curl and ssh, against the synthesized stack and a real sshd. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { dockerCli } from '../../local/fargate/docker/cli.ts';
import { runningContainers } from '../support/containers.ts';
import { type RecordedRun, startRecordedRun } from '../support/recorded-run.ts';
import { exitOf, type KeyPair, lineOf, makeKeyPair, type SshTarget, ssh, startSsh } from '../support/ssh.ts';
import { asJson, curl, User, untilGone } from '../support/user.ts';

let local: RecordedRun;
let directory: string;
let mine: KeyPair;
let others: KeyPair;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'e2e-'));
  mine = await makeKeyPair(directory, 'mine');
  others = await makeKeyPair(directory, 'others');
  local = await startRecordedRun();
});

afterAll(async () => {
  await local.stop();
  await rm(directory, { recursive: true });
});

/** Kills the agent of the one bastion that runs. */
async function killAgent(target: SshTarget): Promise<void> {
  if (inject('containers') === 'processes') {
    await ssh(target, 'kill -KILL $(ps -o ppid= -p $PPID)'); // the sshd that listens, from one of its sessions
    return;
  }
  await dockerCli.run(['kill', ...(await runningContainers(process.pid))]);
}

describe('a bastion on this machine', () => {
  it('is started, entered, refused to others, and removed', async () => {
    const arjen = new User(local, 'arjen', mine);
    const { status, body } = await arjen.post();
    expect({ status, body }).toEqual({ status: 200, body: expect.stringMatching(/^127\.\d+\.\d+\.\d+\n$/) });

    const { sessionId, target } = await arjen.start();
    expect(`${target.host}\n`).toBe(body);
    expect(await ssh(target, 'echo', 'inside')).toMatchObject({ code: 0, stdout: 'inside\n' });
    expect(await ssh({ ...target, identity: others.privateKey }, 'true')).toMatchObject({ code: 255 });
    expect(await ssh({ ...target, options: ['-b', '127.0.0.9'] }, 'true')).toMatchObject({ code: 255 });

    const open = startSsh(target, 'echo open; cat');
    await lineOf(open.stdout, /open/);
    await arjen.delete();
    expect(await untilGone(local, sessionId)).toMatchObject({ reason: 'stopped' });
    expect(await exitOf(open)).toBe(255); // the open session ends with the bastion
  });

  it('follows its user to another address, and keeps open connections', async () => {
    const mover = new User(local, 'mover', mine);
    const { target } = await mover.start();
    const open = startSsh(target, 'echo open; cat');
    const said = lineOf(open.stdout, /still/);
    const { status, body } = await mover.post(...asJson, '--interface', '127.0.0.9');
    expect({ status, cidrs: JSON.parse(body).allowedCidrs }).toEqual({ status: 200, cidrs: ['127.0.0.9/32'] });
    expect(await ssh({ ...target, options: ['-b', '127.0.0.9'] }, 'true')).toMatchObject({ code: 0 });
    expect(await ssh(target, 'true')).toMatchObject({ code: 255 });
    open.stdin.end('still here\n');
    expect(await said).toBe('still here');
    await mover.delete();
  });

  it('is one for two simultaneous requests, and a new one right after DELETE', async () => {
    const twice = new User(local, 'twice', mine);
    const [first, second] = await Promise.all([twice.start(), twice.start()]);
    expect(first.sessionId).toBe(second.sessionId);
    await twice.delete();
    const third = await twice.start();
    expect(third.sessionId).not.toBe(first.sessionId);
    expect(await ssh(third.target, 'echo', 'new')).toMatchObject({ stdout: 'new\n' });
    await untilGone(local, first.sessionId);
    await twice.delete();
    await untilGone(local, third.sessionId);
  });

  it('ends its session when its agent is killed', async () => {
    const { sessionId, target } = await new User(local, 'killed', mine).start();
    await killAgent(target);
    expect(await untilGone(local, sessionId)).toMatchObject({ reason: 'exited' });
  });

  it.each([
    ['GET', '/nothing', 404],
    ['PUT', '/', 404],
    ['POST', '/?user=-x', 400],
    ['POST', '/', 400],
    ['GET', '/?user=nobody', 404],
    ['GET', '/health', 200],
  ])('answers %s %s with %d', async (method, path, expected) => {
    const { status, head } = await curl(local, path, '-X', method);
    expect(status).toBe(expected);
    expect(head).toContain('content-type: application/json');
  });
});
