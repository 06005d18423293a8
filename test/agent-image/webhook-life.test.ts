import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AgentTask, agentLine, startAgentTask } from '../support/agent-task.ts';
import { isRunning } from '../support/local-tasks.ts';
import { exitOf, lineOf, outcomeOf, run } from '../support/ssh.ts';

const activation = { ACTIVATION_ID: 'id-1', ACTIVATION_CODE: 'code-1', ACTIVATION_REGION: 'us-east-1' };

let task: AgentTask;
beforeEach(async () => {
  task = await startAgentTask('ssm');
});
afterEach(() => task.close());

interface Running {
  readonly container: ChildProcessWithoutNullStreams;
  /** Process id of the agent. */
  readonly agent: string;
  /** The container's output from then on. */
  readonly said: string[];
}

async function running(changes: Readonly<Record<string, string>> = {}): Promise<Running> {
  await task.handOver(activation);
  const container = task.start(changes);
  const said: string[] = [];
  for (const stream of [container.stdout, container.stderr]) stream.on('data', (data) => said.push(String(data)));
  const line = await lineOf(container.stdout, /^running \d+$/);
  return { container, agent: line.replace('running ', ''), said };
}

describe('a registration', () => {
  test('that fails ends the container with one line, and the agent does not run', async () => {
    await task.handOver(activation);
    expect(await task.run({ AGENT_REGISTERS: '7' })).toEqual({
      code: 1,
      stdout: 'registering\n',
      stderr: `${agentLine('amazon-ssm-agent could not register: it exited with code 7')}\n`,
    });
    expect((await task.runs('amazon-ssm-agent')).length).toBe(1);
  });

  test('that takes too long is killed, and ends the container with one line', async () => {
    await task.handOver(activation);
    expect(await task.run({ AGENT_HANGS: 'yes', SECONDS: '300' })).toMatchObject({
      code: 1,
      stderr: `${agentLine('amazon-ssm-agent could not register within 300 s')}\n`,
    });
  });

  test.each<[by: string, end: (container: ChildProcessWithoutNullStreams) => unknown]>([
    ['SIGTERM', (container) => container.kill('SIGTERM')],
    ['the latest end', () => task.latestEnd.come()],
  ])('that takes forever is ended by %s', async (_by, end) => {
    await task.handOver(activation);
    const container = task.start({ AGENT_HANGS: 'yes' });
    container.stderr.resume();
    await lineOf(container.stdout, /^registering$/);
    await end(container);
    expect(await exitOf(container)).toBe(0);
    expect((await task.runs('amazon-ssm-agent')).length).toBe(1);
  });
});

describe('the end', () => {
  test.each<NodeJS.Signals>(['SIGTERM', 'SIGINT'])('by %s ends the agent', async (signal) => {
    const { container, agent, said } = await running();
    expect(await isRunning(agent)).toBe(true);
    container.kill(signal);
    expect(await exitOf(container)).toBe(0);
    expect(await isRunning(agent)).toBe(false);
    expect(said.join('')).toContain(`${agentLine('ended by a signal')}\n`);
  });

  test('by SIGTERM also ends an agent that takes no notice', async () => {
    const { container, agent } = await running({ AGENT_STUBBORN: 'yes' });
    container.kill('SIGTERM');
    expect(await exitOf(container)).toBe(0);
    expect(await isRunning(agent)).toBe(false);
  });

  test('by SIGTERM comes even while the activation is waited for', async () => {
    const looked = task.answered('GetItem');
    const container = task.start();
    const outcome = outcomeOf(container);
    await looked;
    container.kill('SIGTERM');
    expect(await outcome).toEqual({ code: 0, stdout: `${agentLine('ended by a signal')}\n`, stderr: '' });
  });

  test('comes by itself at the latest end', async () => {
    const { container, agent, said } = await running();
    await task.latestEnd.come();
    expect(await exitOf(container)).toBe(0);
    expect(await isRunning(agent)).toBe(false);
    expect(said.join('')).toContain(`${agentLine('ended: the latest end has come')}\n`);
  });

  test.each(['0', '9'])('is a failure when the agent ends by itself, with code %s', async (code) => {
    await task.handOver(activation);
    const outcome = await task.run({ AGENT_ENDS: code });
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toMatch(
      new RegExp(`^\\[\\S+\\] bastion: ended: amazon-ssm-agent exited with code ${code}$`, 'm'),
    );
  });

  test('leaves nothing behind that waits for the latest end', async () => {
    await task.handOver(activation);
    await task.run({ AGENT_ENDS: '0', LATEST_END: `${Math.floor(Date.now() / 1000) + 4399}` });
    const [, ran] = await task.runs('amazon-ssm-agent');
    expect(ran?.visible).toMatch(/^sleep 43\d\d$/m);
    expect((await run('ps', ['-A', '-o', 'args='])).stdout).not.toMatch(/^sleep 43\d\d$/m);
  });
});
