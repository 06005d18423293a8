/** A pooled bastion: it runs without an owner, until a second handoff item brings the owner's key. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { authorizedKeyValue } from '../../contracts/agent.ts';
import { AwsError } from '../../emulator/wire.ts';
import { agentLine } from '../support/agent-task.ts';
import { type BastionTask, makeBastionTask } from '../support/bastion-task.ts';
import { untilDeleted } from '../support/handed-over.ts';
import { exitOf, type KeyPair, makeKeyPair, run, ssh } from '../support/ssh.ts';

let bastion: BastionTask;
let other: KeyPair;
beforeEach(async () => {
  bastion = await makeBastionTask();
  other = await makeKeyPair(bastion.task.bin, 'other');
});
afterEach(() => bastion.task.close());

const up = /^\[\S+\] bastion: up: login /;
const giveKey = (key: string, attributes?: Record<string, string>) =>
  bastion.task.handOver({ [authorizedKeyValue]: key }, attributes);
const authorizedKeys = () => readFile(join(bastion.task.runDirectory, 'authorized_keys'), 'utf8');

describe('a pooled bastion', () => {
  test('deletes its first item and lets nobody in', async () => {
    const { target } = await bastion.startPooled();
    expect(await bastion.task.handoffs()).toBe(0);
    const { code, stderr } = await ssh(target, 'true');
    expect({ code, stderr }).toEqual({ code: 255, stderr: expect.stringContaining('Permission denied (publickey)') });
  });

  test('serves the host keys of its first item', async () => {
    const { target } = await bastion.startPooled();
    const { stdout } = await run('ssh-keyscan', ['-p', `${target.port}`, target.host]);
    for (const key of bastion.hostKeys.publicKeys) expect(stdout).toContain(key);
  });

  test('lets its owner in once it has deleted the item with the key, and nobody else', async () => {
    const { said, target } = await bastion.startPooled();
    await untilDeleted(bastion.task, () => giveKey(bastion.key.publicKey));
    expect(await ssh(target, 'echo in')).toEqual({ code: 0, stdout: 'in\n', stderr: '' });
    expect(await ssh({ ...target, identity: other.privateKey }, 'true')).toMatchObject({ code: 255 });
    const { stdout } = await run('ssh-keygen', ['-l', '-f', bastion.key.privateKey]);
    expect(await said.find(up)).toContain(`key ${stdout.trim()}`);
  });

  test('deletes host keys that a late try brings back, and waits on for the key', async () => {
    const { said } = await bastion.startPooled();
    await untilDeleted(bastion.task, () => bastion.task.handOver(bastion.hostKeys.handoffValues));
    expect(await authorizedKeys()).toBe('\n');
    await giveKey(bastion.key.publicKey);
    await said.find(up);
  });

  test('ends at once by SIGTERM', async () => {
    const { process: agent, said } = await bastion.startPooled();
    agent.kill('SIGTERM');
    expect(await exitOf(agent)).toBe(0);
    expect((await said.all).at(-1)).toBe(agentLine('ended by a signal'));
  });

  test('asks on while DynamoDB refuses, with new credentials, and says so once', async () => {
    const { process: agent, said, log } = await bastion.startPooled();
    bastion.task.refuse('GetItem', new AwsError('ExpiredTokenException', 'The security token is expired'));
    for (let look = 0; look < 3; look += 1) await bastion.task.answered('GetItem');
    bastion.task.accept('GetItem');
    await untilDeleted(bastion.task, () => giveKey(bastion.key.publicKey));
    const asked = (await bastion.task.runs('curl')).filter(({ command }) => !command.includes('--aws-sigv4'));
    expect(asked.length).toBeGreaterThan(2);
    agent.kill('SIGTERM');
    const failure = 'the handoff does not answer, and the bastion asks on; the last answer: ExpiredTokenException';
    expect((await said.all).filter((line) => line === agentLine(failure))).toHaveLength(1);
    expect(await log).not.toContain('bastion: ');
  });

  test('installs the key even if the deletion of its item has to be tried again', async () => {
    const { said, target } = await bastion.startPooled();
    bastion.task.refuse('DeleteItem', new AwsError('InternalServerError', 'Internal server error', 500));
    const tried = bastion.task.answered('DeleteItem');
    await giveKey(bastion.key.publicKey);
    await tried;
    bastion.task.accept('DeleteItem');
    await said.find(up);
    expect(await bastion.task.handoffs()).toBe(0);
    expect(await ssh(target, 'true')).toMatchObject({ code: 0 });
  });

  // Its children are the writer of its log, its clock, sshd, and the watch over its handoff.
  test.each([0, 1, 2, 3])('ends if its child number %i is killed', async (which) => {
    const { process: agent } = await bastion.startPooled();
    const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,args=']);
    const children = stdout.split('\n').flatMap((line) => {
      const [pid, parent, ...command] = line.trim().split(/\s+/);
      return parent === `${agent.pid}` && !/bin\/sleep|^sleep|^ps/.test(command.join(' ')) ? [pid] : [];
    });
    expect(children).toHaveLength(4);
    process.kill(Number(children[which]), 'SIGKILL');
    expect(await exitOf(agent)).toBe(1);
  });
});

describe('a key that comes', () => {
  const wrongKey = (key: string) =>
    `AUTHORIZED_KEY: got ${key}, expected one OpenSSH public key on one line, without options in front`;

  test.each<[what: string, key: (good: string) => string]>([
    ['that is none', () => 'ssh-ed25519 AAAA'],
    ['that is empty', () => ''],
    ['with options', (good) => `command="id" ${good}`],
    ['with a second one', (good) => `${good}\n${good}`],
  ])('%s ends the container with code 65 and is not installed', async (_what, key) => {
    const { process: agent, log } = await bastion.startPooled();
    await giveKey(key(bastion.key.publicKey));
    expect(await exitOf(agent)).toBe(65);
    expect(await log).toMatch(new RegExp(`^\\[\\S+\\] bastion: ${wrongKey('.*')}$`, 'm'));
    expect(await authorizedKeys()).toBe('\n');
    expect(await bastion.task.handoffs()).toBe(1);
  });

  test('in an item without an id ends the container with code 65 and is not installed', async () => {
    const { process: agent } = await bastion.startPooled();
    await giveKey(bastion.key.publicKey, {});
    expect(await exitOf(agent)).toBe(65);
    expect(await authorizedKeys()).toBe('\n');
  });

  test('with a comment that JSON escapes is installed as it is', async () => {
    await bastion.startPooled();
    const key = `${bastion.key.publicKey} "quoted" \\back $HOME 'ü'`;
    await untilDeleted(bastion.task, () => giveKey(key));
    expect(await authorizedKeys()).toBe(`${key}\n`);
  });

  test('again is deleted again', async () => {
    const { target } = await bastion.startPooled();
    for (let time = 0; time < 2; time += 1) await untilDeleted(bastion.task, () => giveKey(bastion.key.publicKey));
    expect(await ssh(target, 'true')).toMatchObject({ code: 0 });
  });

  test.each([
    ['that was pooled', () => bastion.startPooled()],
    ['that has had its owner from the start', () => bastion.start()],
  ])(
    'and differs from that of the owner ends a bastion %s with code 65, and is not installed',
    async (_what, start) => {
      const { process: agent, log } = await start();
      await untilDeleted(bastion.task, () => giveKey(bastion.key.publicKey));
      await giveKey(other.publicKey);
      expect(await exitOf(agent)).toBe(65);
      expect(await log).toMatch(
        /^\[\S+\] bastion: AUTHORIZED_KEY: got .* in the handoff, expected the key of the owner that the bastion already has$/m,
      );
      expect(await authorizedKeys()).toBe(`${bastion.key.publicKey}\n`);
    },
  );
});
