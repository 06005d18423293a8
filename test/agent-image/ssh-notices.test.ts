/** Notices: lines that a handoff item brings to the terminals of those who are logged in. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { noticeValue } from '../../contracts/agent.ts';
import { type BastionTask, makeBastionTask } from '../support/bastion-task.ts';
import { untilDeleted } from '../support/handed-over.ts';
import { exitOf, type Lines, readLines, type SshTarget, startSsh } from '../support/ssh.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

let bastion: BastionTask;
beforeEach(async () => {
  bastion = await makeBastionTask();
});
afterEach(() => bastion.task.close());

const give = (notice: string) => bastion.task.handOver({ [noticeValue]: notice });

interface Terminal {
  readonly client: ChildProcessWithoutNullStreams;
  readonly lines: Lines;
}

/** Logs in with a terminal whose echo is off. It repeats each line that it gets. */
async function openTerminal(target: SshTarget, command = 'exec cat'): Promise<Terminal> {
  const options = [...(target.options ?? []), '-tt'];
  const client = startSsh({ ...target, options }, `stty -echo; echo ready; ${command}`);
  const lines = readLines(client.stdout);
  await lines.find(/^ready$/);
  return { client, lines };
}

describe('a notice', () => {
  test('reaches every terminal and is deleted', async () => {
    const { said, target } = await bastion.start();
    const terminals = [await openTerminal(target), await openTerminal(target)];
    await untilDeleted(bastion.task, () => give('This bastion ends in 15 minutes.'));
    for (const { lines } of terminals) await lines.find(/^This bastion ends in 15 minutes\.$/);
    await said.find(/^\[\S+\] bastion: notice to 2 terminals: This bastion ends in 15 minutes\.$/);
  });

  test('reaches each terminal of one connection', async () => {
    await using folder = await makeTemporaryFolder('master');
    const { said, target } = await bastion.start();
    const control = ['-o', `ControlPath=${join(folder.path, 'socket')}`];
    const master = await openTerminal({ ...target, options: [...control, '-M'] });
    const second = await openTerminal({ ...target, options: control });
    await give('soon');
    for (const { lines } of [master, second]) await lines.find(/^soon$/);
    await said.find(/bastion: notice to 2 terminals: soon$/);
  });

  test('reaches the terminals of its own bastion alone', async () => {
    const neighbour = await makeBastionTask();
    const elsewhere = await openTerminal((await neighbour.start()).target);
    const { said, target } = await bastion.start();
    const { lines } = await openTerminal(target);
    await give('for this one');
    await lines.find(/^for this one$/);
    await said.find(/bastion: notice to 1 terminals: for this one$/);
    elsewhere.client.stdin.end('the end\n\u0004');
    expect(await elsewhere.lines.all).toEqual(['ready', 'the end']);
    await neighbour.task.close();
  });

  test('has at most 200 characters, all of them printable', async () => {
    const { target } = await bastion.start();
    const { lines } = await openTerminal(target);
    await give(`"\\" \u001b]0;title\u0007 \r\n \u009b2J é ${'x'.repeat(300)}`);
    const line = await lines.find(/title/);
    expect(line).toMatch(/^"\\" \?\]0;title\? \?\? \?\?2J \?\? x+$/);
    expect(line).toHaveLength(200);
  });

  test('passes by a terminal that takes no output', async () => {
    const { target } = await bastion.start();
    const file = join(bastion.task.runDirectory, 'has stopped');
    const { client } = await openTerminal(target, `read -r line; echo "$line" >'${file}'; exec cat`);
    const { lines } = await openTerminal(target);
    client.stdin.write('\u0013yes\n'); // Ctrl-S stops the output
    await expect.poll(() => readFile(file, 'utf8').catch(() => ''), { timeout: 30_000 }).toBe('yes\n');
    await untilDeleted(bastion.task, () => give('for those who read'));
    await lines.find(/^for those who read$/);
    await untilDeleted(bastion.task, () => give('once more'));
    await lines.find(/^once more$/);
  });

  test('is deleted if nobody is logged in, and the bastion lives on', async () => {
    const { process: agent } = await bastion.start();
    await untilDeleted(bastion.task, () => give('for nobody'));
    agent.kill('SIGTERM');
    expect(await exitOf(agent)).toBe(0);
  });
});
