/** A pooled bastion in the image: its key comes later. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { authorizedKeyValue } from '../../contracts/agent.ts';
import { agentLine } from '../support/agent-task.ts';
import { ssh } from '../support/ssh.ts';
import { buildSshImage, type SshContainer, startSshContainer } from './ssh-container.ts';

let bastion: SshContainer;

beforeAll(async () => {
  bastion = await startSshContainer(await buildSshImage('bastion-ssh-test'), { isPooled: true });
});

afterAll(() => bastion.close());

async function handOverAndBack(values: Record<string, string>): Promise<void> {
  const deleted = bastion.task.answered('DeleteItem');
  await bastion.task.handOver(values);
  await deleted;
  expect(await bastion.task.handoffs()).toBe(0);
}

test('a pooled bastion lets nobody in before its key comes, and then its owner', async () => {
  expect(await ssh(bastion.target, 'true')).toMatchObject({
    code: 255,
    stderr: expect.stringContaining('Permission denied (publickey)'),
  });
  await handOverAndBack({ [authorizedKeyValue]: bastion.key.publicKey });
  expect(await ssh(bastion.target, 'id -un')).toEqual({ code: 0, stdout: 'bastion\n', stderr: '' });
  expect(bastion.log.join('\n')).toContain(agentLine('up: login bastion, port 22, '));
});

test('a pooled bastion that has got its key ends by SIGTERM', async () => {
  expect(await bastion.stop()).toBe(0);
});
