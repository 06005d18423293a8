import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeHostKeys } from '../../lambdas/host-keys.ts';
import { freePort } from '../../local/fargate/addresses.ts';
import { sessionId } from '../support/agent-task.ts';
import { type BastionTask, makeBastionTask } from '../support/bastion-task.ts';
import { exitOf, type KeyPair, lineOf, makeKeyPair, run, type SshTarget, ssh, startSsh } from '../support/ssh.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

const agentImage = join(import.meta.dirname, '../../agent-image');

let bastion: BastionTask;
beforeEach(async () => {
  bastion = await makeBastionTask();
});
afterEach(() => bastion.task.close());

describe('login', () => {
  test('with the key, as the user who runs sshd', async () => {
    const { target } = await bastion.start();
    expect(await ssh(target, 'id -un')).toEqual({ code: 0, stdout: `${userInfo().username}\n`, stderr: '' });
  });

  test('checked strictly, meets the host keys of the reply and no others', async () => {
    const { target } = await bastion.start();
    await using folder = await makeTemporaryFolder('hosts');
    const file = join(folder.path, 'known');
    const options = ['HostKeyAlias=bastion', `UserKnownHostsFile=${file}`, 'StrictHostKeyChecking=yes'];
    const strict = { ...target, options: options.flatMap((option) => ['-o', option]) };
    const logInKnowing = async ({ publicKeys }: typeof bastion.hostKeys) => {
      await writeFile(file, publicKeys.map((key) => `bastion ${key}\n`).join(''));
      return ssh(strict, 'true');
    };
    expect(await logInKnowing(bastion.hostKeys)).toMatchObject({ code: 0 });
    const { code, stderr } = await logInKnowing(await makeHostKeys());
    expect(code).toBe(255);
    expect(stderr).toContain('Host key verification failed.');
  });

  test.each([['with blank'], ['50% "quoted" \\back \'x\' $HOME *']])('works out of folders named %j', async (name) => {
    await using folder = await makeTemporaryFolder('checkout');
    const checkout = join(folder.path, name);
    await cp(agentImage, checkout, { recursive: true });
    const moved = await makeBastionTask(checkout);
    const { target } = await moved.start({ RUN_DIR: join(checkout, 'run') });
    expect(await ssh(target, 'echo inside')).toEqual({ code: 0, stdout: 'inside\n', stderr: '' });
    await moved.task.close();
  });

  test.each([
    ['john.doe', 'john.doe'],
    ['Arjen_2-x', 'Arjen_2-x'],
    ['john@example.com', 'john?example.com'],
    ['CORP\\john doe', 'CORP?john?doe'],
    ['!a*b?', '?a?b?'],
    ['jürg$', 'j??rg?'],
  ])('is allowed to %s, whose characters are no pattern', async (login, pattern) => {
    const { bin } = bastion.task;
    await writeFile(join(bin, 'id'), `#!/bin/sh\nprintf '%s\\n' '${login}'\n`, { mode: 0o755 });
    await writeFile(join(bin, 'sshd'), '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
    await bastion.task.handOver(bastion.hostKeys.handoffValues);
    const { stdout } = await bastion.task.run(await bastion.variables());
    expect(stdout.split('\n').filter((line) => line.startsWith('AllowUsers='))).toEqual([`AllowUsers=${pattern}`]);
  });

  test('leaves login, address and key in the log', async () => {
    const { process: agent, target, log } = await bastion.start();
    const { stdout } = await run('ssh-keygen', ['-l', '-f', bastion.key.privateKey]);
    const fingerprint = stdout.split(' ')[1];
    await ssh(target, 'true');
    agent.kill('SIGTERM');
    expect(await log).toContain(`Accepted publickey for ${userInfo().username} from 127.0.0.1 port`);
    expect(await log).toContain(`ED25519 ${fingerprint}`);
  });

  test.each<[what: string, changes: (other: KeyPair) => Partial<SshTarget>]>([
    ['another key', (other) => ({ identity: other.privateKey })],
    ['another user', () => ({ login: 'nobody' })],
    ['a password', () => ({ options: ['-o', 'PreferredAuthentications=password,keyboard-interactive'] })],
  ])('is refused with %s, and nothing but a key is offered', async (_what, changes) => {
    const { target } = await bastion.start();
    const other = await makeKeyPair(bastion.task.bin, 'other');
    const { code, stderr } = await ssh({ ...target, ...changes(other) }, 'true');
    expect(code).toBe(255);
    expect(stderr).toContain('Permission denied (publickey).');
  });

  test('gets none of the variables that lead to the handoff', async () => {
    const { target } = await bastion.start();
    const { stdout } = await ssh(target, 'env');
    expect(stdout).toMatch(/^SSH_CONNECTION=/m);
    expect(stdout).not.toMatch(/^(AWS|ECS|HANDOFF)_/m);
  });
});

describe('the log', () => {
  test('shows that a line goes on with the message before it, which a login could otherwise forge', async () => {
    const { process: agent, target, log } = await bastion.start();
    const host = 'x.invalid\r\nAccepted publickey for root from 192.0.2.1';
    const jump = await ssh({ ...target, options: ['-W', `${host}:22`] });
    expect(jump.code).toBe(255);
    agent.kill('SIGTERM');
    const lines = (await log).split('\n');
    const forged = lines.filter((line) => line.includes('192.0.2.1'));
    const start = `[${sessionId}] `;
    if (process.platform === 'linux')
      expect(forged).toEqual([expect.stringMatching(/^\[\S+\] {5}\| Accepted publickey for root/)]);
    expect(lines.filter((line) => !line.startsWith(start))).toEqual(['']);
    expect(lines.find((line) => line.startsWith(`${start}Accepted publickey for`))).toContain('from 127.0.0.1 port');
  });

  test('has no error for the check of the greeting', async () => {
    const { process: agent, log } = await bastion.start();
    agent.kill('SIGTERM');
    expect(await log).toContain('Connection from 127.0.0.1');
    expect(await log).not.toMatch(/kex_exchange_identification|error|invalid/i);
  });
});

describe('forwarding', () => {
  test('-L reaches a server behind the bastion', async () => {
    const behind = createServer((socket) => socket.end('from behind')).listen(0, '127.0.0.1');
    await once(behind, 'listening');
    const address = behind.address();
    if (address === null || typeof address === 'string') throw new Error('expected a port');
    const [{ target }, entrance] = [await bastion.start(), await freePort()];
    const options = ['-L', `${entrance}:127.0.0.1:${address.port}`, '-o', 'ExitOnForwardFailure=yes'];

    // The command runs once the forwarding is ready, and ends with its stdin.
    const tunnel = startSsh({ ...target, options }, 'echo up; cat');
    await lineOf(tunnel.stdout, /^up$/);
    expect(await text(connect(entrance, '127.0.0.1'))).toBe('from behind');
    tunnel.stdin.end();
    expect(await exitOf(tunnel)).toBe(0);
    behind.close();
  });

  test('-R is refused', async () => {
    const { target } = await bastion.start();
    const options = ['-R', '0:127.0.0.1:9', '-o', 'ExitOnForwardFailure=yes'];
    const { code, stderr } = await ssh({ ...target, options }, 'true');
    expect(code).toBe(255);
    expect(stderr).toContain('remote port forwarding failed');
  });

  test('an agent is not forwarded', async () => {
    await using folder = await makeTemporaryFolder('key-agent');
    const socket = join(folder.path, 'agent.sock');
    const keyAgent = spawn('ssh-agent', ['-D', '-a', socket]);
    await lineOf(keyAgent.stdout, /SSH_AUTH_SOCK/);
    const { target } = await bastion.start();
    const options = ['-A', '-o', `IdentityAgent=${socket}`, '-o', `ForwardAgent=${socket}`];
    const { stdout } = await ssh({ ...target, options }, 'echo "agent: $SSH_AUTH_SOCK"');
    expect(stdout).toBe('agent: \n');
    keyAgent.kill();
    await exitOf(keyAgent);
  });
});
