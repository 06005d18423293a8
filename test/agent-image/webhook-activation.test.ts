import { open, readdir, readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AgentKind } from '../../contracts/agent.ts';
import { type AgentTask, agentLine, startAgentTask, type Values } from '../support/agent-task.ts';
import { exitOf, lineOf } from '../support/ssh.ts';

/** Values that go wrong wherever a script forgets to quote. */
const code = `-c0de "quoted" \\back $HOME * 'ü'`;
const token = `t0ken/+= ; $(id) \`id\` %s`;

const ssm: Values = { ACTIVATION_ID: 'activation-1', ACTIVATION_CODE: code, ACTIVATION_REGION: 'us-east-1' };
const bzeroSsm: Values = { ...ssm, ORG_ID: 'org-1', ORG_PROVIDER: 'google' };
const bzero: Values = { SERVICE_URL: 'https://zero.example', ACTIVATION_TOKEN: token, ENVIRONMENT_ID: 'env-1' };

const registerSsm = ['-register', '-code', code, '-id', 'activation-1', '-region', 'us-east-1'];

const kinds: [kind: AgentKind, agent: string, values: Values, registration: string[]][] = [
  ['ssm', 'amazon-ssm-agent', ssm, [...registerSsm, '-y']],
  ['bzero-ssm', 'bzero-ssm-agent', bzeroSsm, [...registerSsm, '-org', 'org-1', '-orgProvider', 'google']],
  [
    'bzero',
    'bzero',
    bzero,
    ['-serviceUrl', 'https://zero.example', '-activationToken', token, '-environmentId', 'env-1'],
  ],
];

let task: AgentTask;
const begin = async (kind: AgentKind): Promise<void> => {
  task = await startAgentTask(kind);
};
afterEach(() => task.close());

describe.each(kinds)('%s', (kind, agent, values, registration) => {
  beforeEach(() => begin(kind));

  test('registers with exactly its activation, then runs with nothing', async () => {
    await task.handOver({ ...values, ANOTHER: 'which nobody asked for' });
    await task.run({ AGENT_ENDS: '0' });
    const [registered, ran, ...more] = await task.runs(agent);
    expect(registered?.command).toEqual([agent, ...registration]);
    expect(ran?.command).toEqual([agent]);
    expect(more).toEqual([]);

    const inherited = Object.keys(registered?.environment ?? {}).filter((name) => name in values || name === 'ANOTHER');
    expect(inherited.sort()).toEqual(Object.keys(values).sort());
    expect(registered?.environment).toMatchObject(values);
    expect(await task.handoffs()).toBe(0);
  });

  test('leaves no secret in its log, on disk, in an environment, or where all processes can be seen', async () => {
    await task.handOver(values);
    const child = task.start();
    const log: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => log.push(String(data)));
    const running = (await lineOf(child.stdout, /^running \d+$/)).replace('running ', '');
    const secrets = [code, token];

    const credentials = await task.credentials();
    const helpers = await task.runs('curl', 'jq');
    expect(helpers.length).toBeGreaterThan(4);
    for (const { command, visible, environment } of helpers) {
      for (const secret of [...secrets, ...credentials]) {
        expect(command.join(' ')).not.toContain(secret);
        expect(visible).not.toContain(secret);
      }
      expect(Object.keys(environment).filter((name) => name in values)).toEqual([]);
    }

    const [, ran] = await task.runs(agent);
    const inherited = Object.keys(ran?.environment ?? {});
    const leads = /^(AWS_CONTAINER|AWS_ENDPOINT|ECS|HANDOFF)_/;
    expect(inherited.filter((name) => name in values || leads.test(name))).toEqual([]);
    if (process.platform === 'linux') {
      for (const pid of [running, `${child.pid}`]) {
        const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
        expect(environment).toContain('LATEST_END=');
        for (const secret of [...secrets, ...credentials]) expect(environment).not.toContain(secret);
        expect(environment.split('\0').filter((variable) => leads.test(variable))).toEqual([]);
      }
      expect(await memoryOf(child.pid)).toContain('LATEST_END=');
      for (const secret of [...secrets, ...credentials]) expect(await memoryOf(child.pid)).not.toContain(secret);
    }
    expect(await readdir(task.runDirectory)).toEqual([]);
    child.kill('SIGTERM');
    await exitOf(child);
    expect(log.join('')).toContain(`${agent} has registered`);
    for (const secret of [...Object.values(values), ...credentials]) expect(log.join('')).not.toContain(secret);
  });

  test.each(Object.keys(values).filter((name) => name !== 'ENVIRONMENT_ID'))(
    'without %s ends with code 65 and one line, and leaves the handoff, because it is not up',
    async (name) => {
      const { [name]: _, ...others } = values;
      const message = `${agentLine(`${name}: got nothing in the handoff, expected its value`)}\n`;
      await task.handOver(others);
      expect(await task.run()).toEqual({ code: 65, stdout: '', stderr: message });
      await task.handOver({ ...others, [name]: '' });
      expect(await task.run()).toEqual({ code: 65, stdout: '', stderr: message });
      expect(await task.runs(agent)).toEqual([]);
      expect(await task.handoffs()).toBe(1);
    },
  );
});

test.each([[{ ...bzero, ENVIRONMENT_ID: '' }], [{ SERVICE_URL: 'https://zero.example', ACTIVATION_TOKEN: token }]])(
  'bzero registers without an environment: %j',
  async (values) => {
    await begin('bzero');
    await task.handOver(values);
    await task.run({ AGENT_ENDS: '0' });
    expect((await task.runs('bzero'))[0]?.command.slice(-2)).toEqual(['-environmentId', '']);
  },
);

/** The memory of a process that may be read and written: its heap and its stack among it. */
async function memoryOf(pid: number | undefined): Promise<string> {
  const maps = await readFile(`/proc/${pid}/maps`, 'utf8');
  await using memory = await open(`/proc/${pid}/mem`, 'r');
  const parts: string[] = [];
  for (const [, start = '', end = ''] of maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw.*$/gm)) {
    const [from, to] = [Number.parseInt(start, 16), Number.parseInt(end, 16)];
    const { buffer, bytesRead } = await memory.read(Buffer.alloc(to - from), 0, to - from, from);
    parts.push(buffer.toString('latin1', 0, bytesRead));
  }
  return parts.join('');
}
