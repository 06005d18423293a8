/** A bastion ends by itself when no connection was open for as long as IDLE_END says. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { authorizedKeyValue, idleExitCode } from '../../contracts/agent.ts';
import { freePort } from '../../local/fargate/addresses.ts';
import { agentLine } from '../support/agent-task.ts';
import { type BastionTask, makeBastionTask } from '../support/bastion-task.ts';
import { exitOf, lineOf, ssh, startSsh } from '../support/ssh.ts';

let bastion: BastionTask;
beforeEach(async () => {
  bastion = await makeBastionTask();
});
afterEach(() => bastion.task.close());

/** Waits until the agent has looked at its handoff so many times. It looks once a second. */
async function looks(count: number): Promise<void> {
  for (let look = 0; look < count; look += 1) await bastion.task.answered('GetItem');
}

async function expectIdleEnd(agent: ChildProcessWithoutNullStreams): Promise<void> {
  expect(await exitOf(agent)).toBe(idleExitCode);
}

describe('a bastion ends as idle', () => {
  test('if nobody has ever connected', async () => {
    const { process: agent, said } = await bastion.start({ IDLE_END: '1' });
    await expectIdleEnd(agent);
    expect((await said.all).at(-1)).toBe(agentLine('ended: idle, no connection was open for 1 s'));
  });

  test.each([
    ['a session', [], 'echo up; cat'],
    ['a forward without a session', ['-N', '-v', '-L'], ''],
  ])('once %s has ended, and not while it is open', async (_what, options, command) => {
    const { process: agent, target } = await bastion.start({ IDLE_END: '2' });
    const forward = options.length === 0 ? [] : [`${await freePort()}:127.0.0.1:9`, '-o', 'LogLevel=DEBUG'];
    const client = startSsh({ ...target, options: [...options, ...forward] }, ...(command === '' ? [] : [command]));
    if (command === '') await lineOf(client.stderr, /Entering interactive session/);
    else await lineOf(client.stdout, /^up$/);
    await looks(5);
    expect(client.exitCode).toBe(null);
    client.kill();
    await exitOf(client);
    await expectIdleEnd(agent);
  });

  test('after it was pooled, counted from its owner’s key', async () => {
    const { process: agent, said } = await bastion.startPooled({ IDLE_END: '1' });
    await looks(4);
    await bastion.task.handOver({ [authorizedKeyValue]: bastion.key.publicKey });
    await said.find(/^\[\S+\] bastion: up: /);
    await expectIdleEnd(agent);
  });
});

test.runIf(process.platform === 'linux')('a connection between two looks puts the idle end off', async () => {
  const { task } = bastion;
  const { process: agent, target } = await bastion.start({ IDLE_END: '2', SECONDS_FLY: 'yes' });
  const session = startSsh(target, 'echo up; cat');
  await lineOf(session.stdout, /^up$/);
  const lookLate = async () => {
    await task.lateLook.come();
    await task.answered('GetItem');
  };
  await lookLate();
  session.stdin.end();
  await exitOf(session);
  expect(await ssh(target, 'sleep 3')).toMatchObject({ code: 0 });
  await lookLate();
  await lookLate();
  agent.kill('SIGTERM');
  expect(await exitOf(agent)).toBe(0);
});
