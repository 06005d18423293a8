import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../../local/fargate/addresses.ts';
import { searchPath } from '../../local/machine.ts';
import { hour, makeLatestEnd } from '../support/latest-end.ts';
import { agentFolder as folder, isRunning } from '../support/local-tasks.ts';
import {
  exitOf,
  type KeyPair,
  lineOf,
  makeKeyPair,
  outcomeOf,
  run,
  type SshTarget,
  ssh,
  startSsh,
} from '../support/ssh.ts';

const entrypoint = join(folder, 'entrypoint.sh');
const readyScript = join(folder, 'ready.sh');

let directory: string;
let key: KeyPair;
let started: ChildProcessWithoutNullStreams[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agent-test-'));
  key = await makeKeyPair(directory, 'key');
  started = [];
});

afterEach(async () => {
  for (const child of started) {
    child.kill('SIGTERM');
    await exitOf(child);
  }
  await rm(directory, { recursive: true });
});

const secondsFromNow = (seconds: number): string => `${Math.floor(Date.now() / 1000) + seconds}`;

function environment(changes: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return {
    PATH: searchPath(),
    RUN_DIR: join(directory, 'run'),
    AUTHORIZED_KEY: key.publicKey,
    LATEST_END: secondsFromNow(hour),
    ...changes,
  };
}

interface Agent {
  readonly process: ChildProcessWithoutNullStreams;
  readonly target: SshTarget;
  /** All that sshd logs. Resolves at the agent's end. */
  readonly log: Promise<string>;
}

/** Starts an agent and waits until its sshd greets. */
async function startAgent(script = entrypoint, changes: Readonly<Record<string, string>> = {}): Promise<Agent> {
  const port = await freePort();
  const variables = environment({ SSHD_LISTEN: `127.0.0.1:${port}`, ...changes });
  const agent = spawn(script, { env: variables });
  const log = text(agent.stderr);
  started.push(agent);
  const ready = await run(readyScript, [], variables);
  expect(ready).toEqual({ code: 0, stdout: '', stderr: '' });
  return { process: agent, target: { host: '127.0.0.1', port, identity: key.privateKey }, log };
}

describe('login', () => {
  test('with the key, as the user who runs sshd', async () => {
    const { target } = await startAgent();
    expect(await ssh(target, 'id -un')).toEqual({ code: 0, stdout: `${userInfo().username}\n`, stderr: '' });
  });

  test.each([['with blank'], ['50% "quoted" \\back \'x\' $HOME *']])('works out of folders named %j', async (name) => {
    const checkout = join(directory, name);
    await cp(folder, checkout, { recursive: true });
    const { target } = await startAgent(join(checkout, 'entrypoint.sh'), { RUN_DIR: join(checkout, 'run') });
    expect(await ssh(target, 'echo inside')).toEqual({ code: 0, stdout: 'inside\n', stderr: '' });
  });

  test.each([
    ['john.doe', 'john.doe'],
    ['Arjen_2-x', 'Arjen_2-x'],
    ['john@example.com', 'john?example.com'],
    ['CORP\\john doe', 'CORP?john?doe'],
    ['!a*b?', '?a?b?'],
    ['jürg$', 'j??rg?'],
  ])('is allowed to %s, whose characters are no pattern', async (login, pattern) => {
    await writeFile(join(directory, 'id'), `#!/bin/sh\nprintf '%s\\n' '${login}'\n`, { mode: 0o755 });
    await writeFile(join(directory, 'sshd'), '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
    const { stdout } = await run(entrypoint, [], environment({ PATH: `${directory}${delimiter}${searchPath()}` }));
    expect(stdout.split('\n').filter((line) => line.startsWith('AllowUsers='))).toEqual([`AllowUsers=${pattern}`]);
  });

  test('leaves login, address and key in the log', async () => {
    const { process: agent, target, log } = await startAgent();
    const { stdout } = await run('ssh-keygen', ['-l', '-f', key.privateKey]);
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
    const { target } = await startAgent();
    const other = await makeKeyPair(directory, 'other');
    const { code, stderr } = await ssh({ ...target, ...changes(other) }, 'true');
    expect(code).toBe(255);
    expect(stderr).toContain('Permission denied (publickey).');
  });

  test('meets a new host key at every start, and the image has none', async () => {
    const hostKeyOf = async ({ target }: Agent): Promise<string> =>
      (await run('ssh-keyscan', ['-p', `${target.port}`, target.host])).stdout.replace(/^\S+ /gm, '');
    const first = await startAgent();
    const firstKey = await hostKeyOf(first);
    first.process.kill('SIGTERM');
    await exitOf(first.process);
    const secondKey = await hostKeyOf(await startAgent());
    expect([firstKey, secondKey]).toEqual([
      expect.stringMatching(/^ssh-ed25519 /),
      expect.stringMatching(/^ssh-ed25519 /),
    ]);
    expect(secondKey).not.toBe(firstKey);

    expect((await readdir(folder)).sort()).toEqual([
      'Dockerfile',
      'README.md',
      'entrypoint.sh',
      'ready.sh',
      'sshd_config',
    ]);
    const installs = (await readFile(join(folder, 'Dockerfile'), 'utf8'))
      .split(/^RUN /m)
      .filter((step) => /openssh-server/.test(step));
    expect(installs).toEqual([expect.stringMatching(/&& rm -rf \/etc\/ssh\/ssh_host_\*/)]);
  });
});

describe('forwarding', () => {
  test('-L reaches a server behind the bastion', async () => {
    const behind = createServer((socket) => socket.end('from behind')).listen(0, '127.0.0.1');
    await once(behind, 'listening');
    const address = behind.address();
    if (address === null || typeof address === 'string') throw new Error('expected a port');
    const [{ target }, entrance] = [await startAgent(), await freePort()];
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
    const { target } = await startAgent();
    const options = ['-R', '0:127.0.0.1:9', '-o', 'ExitOnForwardFailure=yes'];
    const { code, stderr } = await ssh({ ...target, options }, 'true');
    expect(code).toBe(255);
    expect(stderr).toContain('remote port forwarding failed');
  });

  test('an agent is not forwarded', async () => {
    const socket = join(directory, 'agent.sock');
    const keyAgent = spawn('ssh-agent', ['-D', '-a', socket]);
    started.push(keyAgent);
    await lineOf(keyAgent.stdout, /SSH_AUTH_SOCK/);
    const { target } = await startAgent();
    const options = ['-A', '-o', `IdentityAgent=${socket}`, '-o', `ForwardAgent=${socket}`];
    const { stdout } = await ssh({ ...target, options }, 'echo "agent: $SSH_AUTH_SOCK"');
    expect(stdout).toBe('agent: \n');
  });
});

test('the check of ready.sh is no error in the log of sshd', async () => {
  const { process: agent, log } = await startAgent();
  agent.kill('SIGTERM');
  expect(await log).toContain('Connection from 127.0.0.1');
  expect(await log).not.toMatch(/kex_exchange_identification|error|invalid/i);
});

describe('an agent', () => {
  test('ends with its sessions at SIGTERM, and frees the port', async () => {
    const { process: agent, target } = await startAgent();
    const session = startSsh(target, 'echo $$; exec sleep 1000');
    const sleeper = await lineOf(session.stdout, /^\d+$/);
    expect(await isRunning(sleeper)).toBe(true);

    agent.kill('SIGTERM');
    expect(await exitOf(agent)).toBe(0);
    expect(await exitOf(session)).toBe(255);
    expect(await isRunning(sleeper)).toBe(false);
    const successor = createServer().listen(target.port, target.host);
    await once(successor, 'listening');
    successor.close();
  });

  test('ends by itself at its latest end', async () => {
    const latestEnd = await makeLatestEnd(directory);
    const agent = spawn(entrypoint, {
      env: environment({
        SSHD_LISTEN: `127.0.0.1:${await freePort()}`,
        PATH: `${directory}${delimiter}${searchPath()}`,
      }),
    });
    const outcome = outcomeOf(agent);
    await latestEnd.come();
    const { code, stdout } = await outcome;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^bastion: ended: the latest end has come$/m);
  });

  test('ends with a failure when sshd dies', async () => {
    const { process: agent } = await startAgent();
    const said = text(agent.stdout);
    const sshd = await run('pgrep', ['-P', `${agent.pid}`, 'sshd']);
    process.kill(Number(sshd.stdout), 'SIGKILL');
    expect(await exitOf(agent)).toBe(1);
    expect(await said).toMatch(/^bastion: ended: sshd exited with code 137$/m);
  });

  test('ends with a failure when its port is taken', async () => {
    const { target } = await startAgent();
    const env = environment({ SSHD_LISTEN: `127.0.0.1:${target.port}`, RUN_DIR: join(directory, 'second') });
    const { code, stderr } = await run(entrypoint, [], env);
    expect(code).toBe(1);
    expect(stderr).toContain('Address already in use');
  });
});
