import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AwsError } from '../../emulator/wire.ts';
import { type AgentTask, agentLine, startAgentTask } from '../support/agent-task.ts';
import { lineOf, type Outcome } from '../support/ssh.ts';

const code = 'c0de';
const ssm = { ACTIVATION_ID: 'activation-1', ACTIVATION_CODE: code, ACTIVATION_REGION: 'us-east-1' };

let task: AgentTask;
beforeEach(async () => {
  task = await startAgentTask('ssm');
});
afterEach(() => task.close());

describe('the handoff', () => {
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
      CURL_OPTIONS: `--connect-to 169.254.170.2:80:${host} --header host:${host}`,
      AGENT_ENDS: '0',
    });
    expect(stdout).toContain('amazon-ssm-agent has registered');
  });

  test.each([
    ['eu-west-9', 'dynamodb.eu-west-9.amazonaws.com'],
    ['cn-north-9', 'dynamodb.cn-north-9.amazonaws.com.cn'],
  ])('is asked for at the endpoint of the region %s, as far as can be seen without it', async (region, endpoint) => {
    await task.run({
      AWS_ENDPOINT_URL: undefined,
      AWS_REGION: region,
      CURL_OPTIONS: `--connect-to ${endpoint}:443:127.0.0.1:9`,
      SECONDS: '60',
    });
    const asked = (await task.runs('curl')).at(-1)?.command ?? [];
    expect(asked).toContain(`aws:amz:${region}:dynamodb`);
    expect(asked).toContain(`https://${endpoint}/`);
  });

  test('is deleted once the agent has registered', async () => {
    await task.handOver(ssm);
    const deleted = task.answered('DeleteItem');
    const child = task.start({ AGENT_HANGS: 'yes' });
    child.stderr.resume();
    await lineOf(child.stdout, /^registering$/);
    expect(await task.handoffs()).toBe(1);
    await task.releaseRegistration();
    await deleted;
    expect(await task.handoffs()).toBe(0);
  });

  test('is deleted once more, because a late retry may bring it back', async () => {
    await task.handOver(ssm, { id: 'one' });
    const child = task.start();
    child.stderr.resume();
    await lineOf(child.stdout, /^running \d+$/);
    await task.handOver(ssm, { id: 'one' });
    const deleted = task.answered('DeleteItem');
    await task.lateLook.come();
    await deleted;
    expect(await task.handoffs()).toBe(0);
  });

  test('is never deleted if another has taken its place, and the agent runs', async () => {
    await task.handOver(ssm);
    const child = task.start({ AGENT_HANGS: 'yes' });
    child.stderr.resume();
    await lineOf(child.stdout, /^registering$/);
    await task.handOver(ssm);
    await task.releaseRegistration();
    await lineOf(child.stdout, /^running \d+$/);
    const refused = task.answered('DeleteItem');
    await task.lateLook.come();
    await refused;
    expect(await task.handoffs()).toBe(1);
  });

  test.each<[what: string, attributes: Record<string, string>]>([
    ['no id', {}],
    ['an empty id', { id: '' }],
    ['an id that is more than a name', { id: 'one"}' }],
    ['an id that is too long', { id: 'a'.repeat(65) }],
  ])('with %s ends the container with code 65', async (_what, attributes) => {
    await task.handOver(ssm, attributes);
    const line = 'id: got none that names the item of the handoff, expected 1 to 64 letters, digits and hyphens';
    expect(await task.run()).toEqual({ code: 65, stdout: '', stderr: `${agentLine(line)}\n` });
    expect(await task.handoffs()).toBe(1);
  });
});

/** Each with a minute on the script's clock, so that it tries once more and no longer. */
describe('ends with one line, without having run the agent, when', () => {
  const denied = new AwsError('AccessDeniedException', `is not authorized to see ${code}`);
  const late = (line: string) => ({
    code: 69,
    stdout: '',
    stderr: `${agentLine(`no handoff within 60 s: ${line}`)}\n`,
  });
  const wrong = (line: string) => ({ code: 64, stdout: '', stderr: `${agentLine(line)}\n` });

  test.each<[what: string, changes: Readonly<Record<string, string | undefined>>, expected: Outcome]>([
    [
      'it has no HANDOFF_TABLE',
      { HANDOFF_TABLE: undefined },
      wrong('HANDOFF_TABLE: got nothing, expected what the task definition or ECS sets'),
    ],
    [
      'it has no HANDOFF_ROLE_ID',
      { HANDOFF_ROLE_ID: '' },
      wrong('HANDOFF_ROLE_ID: got nothing, expected what the task definition or ECS sets'),
    ],
    [
      'it has no address of its metadata',
      { ECS_CONTAINER_METADATA_URI_V4: undefined },
      wrong('ECS_CONTAINER_METADATA_URI_V4: got nothing, expected what the task definition or ECS sets'),
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
      'it has no session',
      { SESSION_ID: undefined },
      {
        ...wrong(''),
        stderr: "bastion: SESSION_ID: got '', expected the session's id, a UUID\n",
      },
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
      {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:9/',
        ECS_CONTAINER_METADATA_URI_V4: 'http://127.0.0.1:9',
      },
      late("ECS did not give this task's credentials and id; the last answer: none"),
    ],
    [
      'its credentials are refused',
      { AWS_CONTAINER_AUTHORIZATION_TOKEN: 'another' },
      late("ECS did not give this task's credentials and id; the last answer: AccessDenied"),
    ],
    [
      'it gets no metadata',
      { ECS_CONTAINER_METADATA_URI_V4: 'http://127.0.0.1:9' },
      late("ECS did not give this task's credentials and id; the last answer: another than what was asked for"),
    ],
    [
      'AWS is not there',
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' },
      late('the item of this task did not appear in handoff; the last answer: none'),
    ],
    [
      'the table is not there',
      { HANDOFF_TABLE: 'another' },
      late('the item of this task did not appear in another; the last answer: AccessDeniedException'),
    ],
    [
      'its role is another',
      { HANDOFF_ROLE_ID: 'AROAANOTHER' },
      late('the item of this task did not appear in handoff; the last answer: AccessDeniedException'),
    ],
  ])('%s', async (_what, changes, expected) => {
    await task.handOver(ssm);
    expect(await task.run({ SECONDS: '60', ...changes })).toEqual(expected);
    expect(await task.runs('amazon-ssm-agent')).toEqual([]);
  });

  test('it may not read its item', async () => {
    await task.handOver(ssm);
    task.refuse('GetItem', denied);
    expect(await task.run({ SECONDS: '60' })).toEqual(
      late('the item of this task did not appear in handoff; the last answer: AccessDeniedException'),
    );
    expect(await task.runs('amazon-ssm-agent')).toEqual([]);
  });

  test('its item does not appear', async () => {
    expect(await task.run({ SECONDS: '60' })).toEqual(
      late('the item of this task did not appear in handoff; the last answer: no item'),
    );
  });
});

test.each([
  ['it may not', new AwsError('AccessDeniedException', `is not authorized to see ${code}`)],
  ['AWS has a bad day', new AwsError('InternalServerError', 'Internal server error', 500)],
])('an agent that can’t delete its item does not run, when %s', async (_what, error) => {
  await task.handOver(ssm);
  task.refuse('DeleteItem', error);
  expect(await task.run()).toEqual({
    code: 74,
    stdout: `registering\n${agentLine('amazon-ssm-agent has registered')}\n`,
    stderr: `${agentLine(`the handoff could not be deleted from handoff; the last answer: ${error.code}`)}\n`,
  });
  expect((await task.runs('amazon-ssm-agent')).length).toBe(1);
});
