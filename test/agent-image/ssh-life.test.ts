import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { hostKeyValues } from '../../contracts/agent.ts';
import { AwsError } from '../../emulator/wire.ts';
import { agentLine } from '../support/agent-task.ts';
import { type BastionTask, makeBastionTask } from '../support/bastion-task.ts';
import { isRunning } from '../support/local-tasks.ts';
import { exitOf, lineOf, outcomeOf, run, ssh, startSsh } from '../support/ssh.ts';

let bastion: BastionTask;
beforeEach(async () => {
  bastion = await makeBastionTask();
});
afterEach(() => bastion.task.close());

describe('the handoff of a bastion', () => {
  test('holds the host keys that its sshd serves', async () => {
    const { target } = await bastion.start();
    const { stdout } = await run('ssh-keyscan', ['-p', `${target.port}`, target.host]);
    const served = stdout.split('\n').map((line) => line.replace(/^\S+ /, ''));
    expect(served.filter((line) => line !== '').sort()).toEqual([...bastion.hostKeys.publicKeys].sort());
  });

  test('is deleted once sshd greets', async () => {
    const { task } = bastion;
    const sshd = (await run('bash', ['-c', 'PATH=$PATH:/usr/sbin:/sbin; command -v sshd'])).stdout.trim();
    // An sshd that begins when the test allows it.
    await run('mkfifo', [join(task.bin, 'go')]);
    await writeFile(
      join(task.bin, 'sshd'),
      `#!/bin/sh\n[ "$1" != -D ] || read -r _ <"\${0%/*}/go"\nexec ${sshd} "$@"\n`,
      { mode: 0o755 },
    );
    await task.handOver(bastion.hostKeys.handoffValues);
    const agent = task.start(await bastion.variables());
    const deleted = task.answered('DeleteItem');
    await task.answered('GetItem');
    expect(await task.handoffs()).toBe(1);
    await writeFile(join(task.bin, 'go'), '\n');
    await deleted;
    expect(await task.handoffs()).toBe(0);
    await lineOf(agent.stdout, /^\[\S+\] bastion: up: login /);
    agent.stderr.resume();
  });

  test('is deleted again within seconds if a late try of the write brings it back', async () => {
    const { task, hostKeys } = bastion;
    await bastion.start();
    const deleted = task.answered('DeleteItem');
    await task.handOver(hostKeys.handoffValues);
    await deleted;
    expect(await task.handoffs()).toBe(0);
  });

  test('is deleted again 20 s later if a very late try brings it back', async () => {
    const { task, hostKeys } = bastion;
    await bastion.start({ SECONDS_FLY: 'yes' });
    await task.lateLook.come();
    await task.answered('GetItem');
    const deleted = task.answered('DeleteItem');
    await task.handOver(hostKeys.handoffValues);
    await task.lateLook.come();
    await deleted;
    expect(await task.handoffs()).toBe(0);
  });

  test('is waited for, because the task may be there first', async () => {
    const { task } = bastion;
    const looked = task.answered('GetItem');
    const agent = task.start(await bastion.variables());
    agent.stderr.resume();
    await looked;
    await task.handOver(bastion.hostKeys.handoffValues);
    await lineOf(agent.stdout, /^\[\S+\] bastion: up: /);
  });

  test('leaves its secrets in files for sshd alone, and on no command line', async () => {
    const { target } = await bastion.start();
    expect(await ssh(target, 'true')).toMatchObject({ code: 0 });
    const { runDirectory } = bastion.task;
    const modes = await Promise.all(
      (await readdir(runDirectory)).sort().map(async (name) => {
        const { mode } = await stat(join(runDirectory, name));
        return [name, (mode & 0o777).toString(8)];
      }),
    );
    expect(modes).toEqual([
      ['HOST_KEY_ECDSA', '600'],
      ['HOST_KEY_ED25519', '600'],
      ['authorized_keys', '644'],
    ]);
    expect(await readFile(join(runDirectory, 'HOST_KEY_ED25519'), 'utf8')).toBe(
      bastion.hostKeys.handoffValues[hostKeyValues.ed25519],
    );
    const secrets = [...(await bastion.task.credentials()), ...Object.values(bastion.hostKeys.handoffValues)];
    const helpers = await bastion.task.runs('curl');
    expect(helpers.slice(0, 3).map(({ command }) => command.includes('--aws-sigv4'))).toEqual([false, true, true]);
    for (const { command, visible } of helpers) {
      for (const secret of secrets) expect(`${command.join(' ')}\n${visible}`).not.toContain(secret);
    }
  });
});

describe('a bastion ends with one line when', () => {
  const failed = (code: number, line: string) => ({ code, stderr: `${agentLine(line)}\n` });
  const { ed25519, ecdsa } = hostKeyValues;
  const wanted = (name: string, type: string) =>
    failed(65, `${name}: got no such key in the handoff, expected a private ${type} key in OpenSSH's format`);

  test.each<[what: string, change: (values: Readonly<Record<string, string>>) => Record<string, string>, name: string]>(
    [
      ['it lacks the Ed25519 key', ({ [ecdsa]: key = '' }) => ({ [ecdsa]: key }), ed25519],
      ['it lacks the ECDSA key', ({ [ed25519]: key = '' }) => ({ [ed25519]: key }), ecdsa],
      ['the keys are exchanged', (keys) => ({ [ed25519]: keys[ecdsa] ?? '', [ecdsa]: keys[ed25519] ?? '' }), ed25519],
      ['a key is a word', (keys) => ({ ...keys, [ecdsa]: 'hello' }), ecdsa],
      ['a key is cut off', (keys) => ({ ...keys, [ecdsa]: (keys[ecdsa] ?? '').replace(/\n.{10}/, '\n') }), ecdsa],
      ['a key has more than itself', (keys) => ({ ...keys, [ed25519]: `${keys[ed25519]}# $(id)` }), ed25519],
    ],
  )('%s', async (_what, change, name) => {
    await bastion.task.handOver(change(bastion.hostKeys.handoffValues));
    const type = name === ed25519 ? 'ssh-ed25519' : 'ecdsa-sha2-nistp256';
    expect(await bastion.task.run(await bastion.variables())).toMatchObject(wanted(name, type));
    expect(await bastion.task.handoffs()).toBe(1);
  });

  // The script's clock begins at a minute, so that it tries once.
  test.each<[what: string, changes: Record<string, string>, line: string]>([
    ['the item does not appear', {}, 'the item of this task did not appear in handoff; the last answer: no item'],
    [
      'ECS gives no credentials',
      { AWS_CONTAINER_AUTHORIZATION_TOKEN: 'another' },
      "ECS did not give this task's credentials and id; the last answer: AccessDenied",
    ],
  ])('%s within a minute', async (_what, changes, line) => {
    const variables = { ...(await bastion.variables()), SECONDS: '60', ...changes };
    expect(await bastion.task.run(variables)).toMatchObject(failed(69, `no handoff within 60 s: ${line}`));
  });

  test('sshd does not greet in time', async () => {
    const { task } = bastion;
    await writeFile(join(task.bin, 'sshd'), '#!/bin/sh\n[ "$1" = -D ] && exec sleep 1000\n', { mode: 0o755 });
    await task.handOver(bastion.hostKeys.handoffValues);
    const { SSHD_LISTEN = '', ...variables } = await bastion.variables();
    expect(await task.run({ ...variables, SSHD_LISTEN, SECONDS: '90' })).toMatchObject(
      failed(70, `sshd did not greet on ${SSHD_LISTEN} within 90 s of the start`),
    );
    expect(await task.handoffs()).toBe(1);
  });

  test('the item cannot be deleted', async () => {
    const { task } = bastion;
    await task.handOver(bastion.hostKeys.handoffValues);
    task.refuse('DeleteItem', new AwsError('InternalServerError', 'Internal server error', 500));
    const { code, stderr } = await task.run(await bastion.variables());
    expect(code).toBe(74);
    expect(stderr).toMatch(
      /^\[\S+\] bastion: the handoff could not be deleted from handoff; the last answer: InternalServerError$/m,
    );
  });

  test('its port is taken, and leaves the handoff', async () => {
    const { target } = await bastion.start();
    const second = await makeBastionTask();
    await second.task.handOver(second.hostKeys.handoffValues);
    const variables = { ...(await second.variables()), SSHD_LISTEN: `127.0.0.1:${target.port}` };
    const { code, stdout, stderr } = await second.task.run(variables);
    expect({ code, stdout }).toEqual({ code: 1, stdout: `${agentLine('ended: sshd exited with code 255')}\n` });
    expect(stderr).toContain('Address already in use');
    expect(await second.task.handoffs()).toBe(1);
    await second.task.close();
  });
});

describe('a bastion', () => {
  test('ends with its sessions at SIGTERM, and frees the port', async () => {
    const { process: agent, target } = await bastion.start();
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

  test('ends at SIGTERM even while it waits for its handoff', async () => {
    const looked = bastion.task.answered('GetItem');
    const agent = bastion.task.start(await bastion.variables());
    const outcome = outcomeOf(agent);
    await looked;
    agent.kill('SIGTERM');
    expect(await outcome).toEqual({ code: 0, stdout: `${agentLine('ended by a signal')}\n`, stderr: '' });
  });

  test('ends by itself at its latest end', async () => {
    const { process: agent, said } = await bastion.start();
    await bastion.task.latestEnd.come();
    expect(await exitOf(agent)).toBe(0);
    expect(await said.all).toContain(agentLine('ended: the latest end has come'));
  });

  test('ends if its clock is ended', async () => {
    const { process: agent } = await bastion.start();
    const clock = await vi.waitUntil(async () => {
      const { stdout } = await run('ps', ['-A', '-o', 'pid=,args=']);
      return new RegExp(`^ *(\\d+) .*${bastion.task.bin}/sleep 3[56]\\d\\d$`, 'm').exec(stdout)?.[1];
    });
    process.kill(Number(clock), 'SIGKILL');
    expect(await exitOf(agent)).toBe(0);
  });

  test('ends with a failure when sshd dies', async () => {
    const { process: agent, said } = await bastion.start();
    const sshd = await run('pgrep', ['-P', `${agent.pid}`, 'sshd']);
    process.kill(Number(sshd.stdout), 'SIGKILL');
    expect(await exitOf(agent)).toBe(1);
    expect(await said.all).toContain(agentLine('ended: sshd exited with code 137'));
  });
});
