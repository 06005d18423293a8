import { readdir, readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AwsError } from '../../emulator/wire.ts';
import { type AgentKind, type AgentTask, startAgentTask, type Values } from '../support/agent-task.ts';
import { exitOf, lineOf, type Outcome } from '../support/ssh.ts';

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

    const had = Object.keys(registered?.environment ?? {}).filter((name) => name in values || name === 'ANOTHER');
    expect(had.sort()).toEqual(Object.keys(values).sort());
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
    expect(helpers.length).toBeGreaterThan(5);
    for (const { command, visible, environment } of helpers) {
      for (const secret of [...secrets, ...credentials]) {
        expect(command.join(' ')).not.toContain(secret);
        expect(visible).not.toContain(secret);
      }
      expect(Object.keys(environment).filter((name) => name in values)).toEqual([]);
    }

    const [, ran] = await task.runs(agent);
    const inherited = Object.keys(ran?.environment ?? {});
    expect(inherited.filter((name) => name in values || name.startsWith('AWS_CONTAINER_'))).toEqual([]);
    if (process.platform === 'linux') {
      for (const pid of [running, `${child.pid}`]) {
        const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
        for (const secret of secrets) expect(environment).not.toContain(secret);
      }
    }
    expect(await readdir(task.runDirectory)).toEqual([]);
    child.kill('SIGTERM');
    await exitOf(child);
    expect(log.join('')).toContain(`${agent} has registered`);
    for (const secret of [...Object.values(values), ...credentials]) expect(log.join('')).not.toContain(secret);
  });

  test.each(Object.keys(values).filter((name) => name !== 'ENVIRONMENT_ID'))(
    'without %s ends with code 64 and one line, and the handoff is gone all the same',
    async (name) => {
      const { [name]: _, ...others } = values;
      const message = `bastion: ${name}: got nothing in the handoff, expected its value\n`;
      await task.handOver(others);
      expect(await task.run()).toEqual({ code: 64, stdout: '', stderr: message });
      await task.handOver({ ...others, [name]: '' });
      expect(await task.run()).toEqual({ code: 64, stdout: '', stderr: message });
      expect(await task.runs(agent)).toEqual([]);
      expect(await task.handoffs()).toBe(0);
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

describe('the handoff', () => {
  beforeEach(() => begin('ssm'));

  test('is waited for: the task may be there first', async () => {
    const looked = task.answered('GetItem');
    const outcome = task.run({ AGENT_ENDS: '0' });
    await looked;
    await task.handOver(ssm);
    expect((await outcome).stdout).toContain('amazon-ssm-agent has registered');
  });

  test('is asked for with the credentials of ECS, at the address that tasks have on AWS', async () => {
    await task.handOver(ssm);
    const { pathname, host } = new URL(task.environment.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? '');
    const { stdout } = await task.run({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:9/nobody-is-here',
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: pathname,
      CURL_OPTIONS: `--connect-to 169.254.170.2:80:${host}`,
      AGENT_ENDS: '0',
    });
    expect(stdout).toContain('amazon-ssm-agent has registered');
  });

  test('is asked for at the endpoints of the region, as far as can be seen without them', async () => {
    await task.run({
      AWS_ENDPOINT_URL: undefined,
      AWS_REGION: 'eu-west-9',
      CURL_OPTIONS: '--connect-to sts.eu-west-9.amazonaws.com:443:127.0.0.1:9',
      SECONDS: '60',
    });
    const asked = (await task.runs('curl')).at(-1)?.command ?? [];
    expect(asked).toContain('aws:amz:eu-west-9:sts');
    expect(asked).toContain('https://sts.eu-west-9.amazonaws.com/');
  });
});

/** Each with a minute on the script's clock, so that it tries once more and no longer. */
describe('ends with one line, without having run the agent, when', () => {
  beforeEach(() => begin('ssm'));

  const denied = new AwsError('AccessDeniedException', `is not authorized to see ${code}`);
  const late = (line: string) => ({ code: 1, stdout: '', stderr: `bastion: ${line}\n` });
  const wrong = (line: string) => ({ code: 64, stdout: '', stderr: `bastion: ${line}\n` });

  test.each<[what: string, changes: Readonly<Record<string, string | undefined>>, expected: Outcome]>([
    [
      'it has no HANDOFF_TABLE',
      { HANDOFF_TABLE: undefined },
      wrong('HANDOFF_TABLE: got nothing, expected what the task definition or ECS sets'),
    ],
    [
      'it has no AWS_REGION',
      { AWS_REGION: '' },
      wrong('AWS_REGION: got nothing, expected what the task definition or ECS sets'),
    ],
    [
      'it has no credentials',
      { AWS_CONTAINER_CREDENTIALS_FULL_URI: undefined },
      wrong('AWS_CONTAINER_CREDENTIALS_FULL_URI: got nothing, expected what the task definition or ECS sets'),
    ],
    [
      'it has no latest end',
      { LATEST_END: undefined },
      wrong("LATEST_END: got '', expected a moment to come, in seconds since 1970"),
    ],
    [
      'its latest end has passed',
      { LATEST_END: '1600000000' },
      wrong('LATEST_END: got 1600000000, expected a moment to come, in seconds since 1970'),
    ],
    [
      'nobody gives it credentials',
      { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:9/' },
      late("the task's credentials were not available within 60 s; the last answer: none"),
    ],
    [
      'its credentials are refused',
      { AWS_CONTAINER_AUTHORIZATION_TOKEN: 'another' },
      late("the task's credentials were not available within 60 s; the last answer: AccessDenied"),
    ],
    [
      'AWS is not there',
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' },
      late('AWS did not say who this task is within 60 s; the last answer: none'),
    ],
    [
      'the table is not there',
      { HANDOFF_TABLE: 'another' },
      late('the activation did not appear in another within 60 s; the last answer: AccessDeniedException'),
    ],
  ])('%s', async (_what, changes, expected) => {
    await task.handOver(ssm);
    expect(await task.run({ SECONDS: '60', ...changes })).toEqual(expected);
    expect(await task.runs('amazon-ssm-agent')).toEqual([]);
  });

  test.each<[what: string, action: string, error: AwsError, line: string]>([
    [
      'AWS refuses its identity',
      'GetCallerIdentity',
      new AwsError('InvalidClientTokenId', 'The security token is invalid', 403),
      'AWS did not say who this task is within 60 s; the last answer: InvalidClientTokenId',
    ],
    [
      'it may not read its item',
      'GetItem',
      denied,
      'the activation did not appear in handoff within 60 s; the last answer: AccessDeniedException',
    ],
    [
      'it cannot delete its item, where the secret would stay',
      'DeleteItem',
      denied,
      'the activation could not be deleted from handoff within 60 s; the last answer: AccessDeniedException',
    ],
    [
      'AWS has a bad day',
      'DeleteItem',
      new AwsError('InternalServerError', 'Internal server error', 500),
      'the activation could not be deleted from handoff within 60 s; the last answer: InternalServerError',
    ],
  ])('%s', async (_what, action, error, line) => {
    await task.handOver(ssm);
    task.refuse(action, error);
    expect(await task.run({ SECONDS: '60' })).toEqual(late(line));
    expect(await task.runs('amazon-ssm-agent')).toEqual([]);
  });

  test('its item does not appear', async () => {
    expect(await task.run({ SECONDS: '60' })).toEqual(
      late('the activation did not appear in handoff within 60 s; the last answer: no item'),
    );
  });
});
