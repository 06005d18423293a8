/** The answers of the account in the protocols of the services, and their words about what is not emulated. */
import { ECSClient, RegisterTaskDefinitionCommand, RunTaskCommand } from '@aws-sdk/client-ecs';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { expect, test } from 'vitest';
import { inProcess } from '../../emulator/in-process.ts';
import { bodyText, textBody } from '../../emulator/wire.ts';
import { accountId, emulated, refusal } from './emulated.ts';

const signedFor = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});

test.each([
  ['an unknown target', { 'x-amz-target': 'Unheard.Do' }, '{}', 400, 'UnknownOperationException'],
  [
    'an unknown action',
    { 'x-amz-target': 'AmazonSSM.Dance' },
    '{}',
    400,
    'The emulated AWS has no operation ssm Dance.',
  ],
  ['a body that is not JSON', { 'x-amz-target': 'AmazonSSM.GetParameter' }, '{', 400, 'SerializationException'],
  [
    'another service that speaks JSON',
    { 'x-amz-target': 'Logs_20140328.FilterLogEvents', ...signedFor('logs') },
    '{}',
    400,
    'The emulated AWS has no operation logs FilterLogEvents.',
  ],
  [
    'another service that speaks forms',
    { 'content-type': 'application/x-www-form-urlencoded', ...signedFor('iam') },
    'Action=CreateServiceLinkedRole&Version=2010-05-08',
    400,
    'The emulated AWS has no operation iam 2010-05-08 CreateServiceLinkedRole.',
  ],
  [
    'an older version of a service',
    { 'content-type': 'application/x-www-form-urlencoded', ...signedFor('ec2') },
    'Action=DescribeVpcs&Version=2013-02-01',
    400,
    'The emulated AWS has no operation ec2 2013-02-01 DescribeVpcs.',
  ],
  [
    'another service that speaks REST',
    signedFor('scheduler'),
    '',
    400,
    'The emulated AWS has no operation scheduler POST /.',
  ],
  ['no target at all', {}, '', 400, 'The emulated AWS has no operation http POST /.'],
  [
    'STS',
    { 'content-type': 'application/x-www-form-urlencoded' },
    'Action=GetCallerIdentity&Version=2011-06-15',
    200,
    `<Account>${accountId}</Account>`,
  ],
  [
    'an unknown STS action',
    { 'content-type': 'application/x-www-form-urlencoded' },
    'Action=Dance&Version=2011-06-15',
    400,
    '<Code>InvalidAction</Code>',
  ],
])('a request with %s is answered in its own protocol', async (_, headers, body, status, expected) => {
  const { clock, aws } = emulated();
  const response = await clock.run(aws.handle({ method: 'POST', path: '/', headers, body: textBody(body) }));
  expect([response.status, bodyText(response)]).toEqual([status, expect.stringContaining(expected)]);
});

const task = { family: 'web', cpu: '256', memory: '512', networkMode: 'awsvpc' as const };
const container = { name: 'web', image: 'web:1' };

test.each([
  {
    what: 'a version of a parameter',
    Client: SSMClient,
    command: new GetParameterCommand({ Name: '/keys/ann:3' }),
    part: 'version or label behind the name of a parameter: /keys/ann:3',
  },
  {
    what: 'the log of an invocation',
    Client: LambdaClient,
    command: new InvokeCommand({ FunctionName: 'x', LogType: 'Tail' }),
    part: 'value "Tail" for the parameter LogType of lambda Invoke',
  },
  {
    what: 'a task on instances',
    Client: ECSClient,
    command: new RunTaskCommand({ taskDefinition: 'ssh', launchType: 'EC2' }),
    part: 'value "EC2" for the parameter launchType of ecs RunTask',
  },
  {
    what: 'a task definition for instances',
    Client: ECSClient,
    command: new RegisterTaskDefinitionCommand({
      ...task,
      requiresCompatibilities: ['EC2'],
      containerDefinitions: [container],
    }),
    part: 'value "EC2" for the parameter requiresCompatibilities.0 of ecs RegisterTaskDefinition',
  },
  {
    what: 'a filter of secrets by their tags',
    Client: SecretsManagerClient,
    command: new ListSecretsCommand({ Filters: [{ Key: 'tag-key', Values: ['owner'] }] }),
    part: 'value "tag-key" for the parameter Filters.0.Key of secretsmanager ListSecrets',
  },
])('a request for $what is refused in words', async ({ Client, command, part }) => {
  const { clock, aws } = emulated();
  const client = new Client(inProcess(aws, clock, { maxAttempts: 1 }));
  // The table has commands of different types. Each of them fits the client.
  const send = client.send.bind(client) as (command: unknown) => Promise<unknown>;
  expect(await clock.run(refusal(send(command)))).toBe(`NotEmulated: The emulated AWS has no ${part}.`);
});

test('two containers of one name are refused', async () => {
  const { clock, ecs } = emulated();
  const containerDefinitions = [container, container];
  const command = new RegisterTaskDefinitionCommand({
    ...task,
    requiresCompatibilities: ['FARGATE'],
    containerDefinitions,
  });
  expect(await clock.run(refusal(ecs.send(command)))).toBe('ClientException: Container.name must be unique.');
});
