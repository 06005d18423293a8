import { beforeAll, describe, expect, it } from 'vitest';
import { policiesOf, type Request } from './policies.ts';
import { bundles, synthesize } from './synthesize.ts';

let policies: ReturnType<typeof policiesOf>;

beforeAll(async () => {
  policies = policiesOf((await synthesize(await bundles())).resolved);
});

const table = (name: 'HandoffTable' | 'SessionsTable') => policies.arnOf('AWS::DynamoDB::Table', name);

describe('a task with the handoff role', () => {
  /** What `aws:userid` is for the credentials of a task; also the key of its item. */
  const identityOf = (taskId: string) => `${policies.roles.find(({ name }) => name === 'HandoffRole')?.id}:${taskId}`;
  const taskA = '00112233445566778899aabbccddeeff';
  const taskB = 'ffeeddccbbaa99887766554433221100';

  /** Whether task A may; `keys` are the partition keys in its request, if it has any. */
  const mayTaskA = (action: string, keys: readonly string[] | undefined, resource = table('HandoffTable')) =>
    policies.may('HandoffRole', {
      action,
      resource,
      context: {
        'aws:userid': identityOf(taskA),
        ...(keys && { 'dynamodb:LeadingKeys': keys.map(identityOf) }),
      },
    });

  it.each(['dynamodb:GetItem', 'dynamodb:DeleteItem'])('may %s its own item', async (action) => {
    expect(await mayTaskA(action, [taskA])).toBe(true);
  });

  it.each([
    ['get another task’s item', 'dynamodb:GetItem', [taskB]],
    ['delete another task’s item', 'dynamodb:DeleteItem', [taskB]],
    ['get an item whose key starts with its own', 'dynamodb:GetItem', [`${taskA}0`]],
    ['get its own item and another at once', 'dynamodb:GetItem', [taskA, taskB]],
    ['get without any key', 'dynamodb:GetItem', undefined],
    ['delete without any key', 'dynamodb:DeleteItem', undefined],
    ['scan the table', 'dynamodb:Scan', undefined],
    ['query even its own key', 'dynamodb:Query', [taskA]],
    ['put even its own item', 'dynamodb:PutItem', [taskA]],
    ['update even its own item', 'dynamodb:UpdateItem', [taskA]],
    ['get a batch', 'dynamodb:BatchGetItem', [taskA]],
    ['get a batch without any key', 'dynamodb:BatchGetItem', undefined],
    ['write a batch', 'dynamodb:BatchWriteItem', [taskA]],
    ['select with PartiQL', 'dynamodb:PartiQLSelect', [taskA]],
    ['export or back up the table', 'dynamodb:CreateBackup', undefined],
    ['describe the table', 'dynamodb:DescribeTable', undefined],
  ])('may not %s', async (_, action, keys) => {
    expect(await mayTaskA(action, keys)).toBe(false);
  });

  it.each(['dynamodb:GetItem', 'dynamodb:DeleteItem'])('may not %s in any other table', async (action) => {
    expect(await mayTaskA(action, [taskA], table('SessionsTable'))).toBe(false);
    expect(await mayTaskA(action, [taskA], `${table('HandoffTable')}2`)).toBe(false);
  });
});

describe('of all roles', () => {
  const runOf = (name: string): Request => {
    const cluster = policies.arnOf('AWS::ECS::Cluster', 'AgentsCluster');
    return {
      action: 'ecs:RunTask',
      resource: policies.refOf('AWS::ECS::TaskDefinition', name),
      context: { 'ecs:cluster': cluster, 'aws:RequestTag/bastion:stack': 'Bastions' },
    };
  };
  const passOf = (name: string): Request => ({
    action: 'iam:PassRole',
    resource: policies.arnOf('AWS::IAM::Role', name),
    context: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
  });
  const removing = [
    'FunctionsDrainRole',
    'FunctionsReaperRole',
    'FunctionsStartRole',
    'FunctionsTaskStoppedRole',
    'FunctionsTeardownRole',
  ];
  const webhookStart = 'FunctionsWebhookStartRole';

  it.each<[does: string, ask: () => Request, who: readonly string[]]>([
    [
      'reads the webhooks’ secret',
      () => ({
        action: 'secretsmanager:GetSecretValue',
        resource: policies.refOf('AWS::SecretsManager::Secret', 'WebhooksSecret'),
      }),
      [webhookStart, 'FunctionsWebhookStopRole'],
    ],
    [
      'reads people’s keys',
      () => ({
        action: 'ssm:GetParameter',
        resource: 'arn:aws:ssm:eu-west-1:123456789012:parameter/bastions/keys/arjen',
      }),
      ['FunctionsStartRole'],
    ],
    ['leaves a handoff', () => ({ action: 'dynamodb:PutItem', resource: table('HandoffTable') }), [webhookStart]],
    ['reads any handoff', () => ({ action: 'dynamodb:GetItem', resource: table('HandoffTable') }), []],
    [
      'removes any handoff',
      () => ({ action: 'dynamodb:DeleteItem', resource: table('HandoffTable') }),
      [...removing, webhookStart],
    ],
    ['runs people’s agent', () => runOf('AgentsSshTaskDefinition'), ['FunctionsStartRole']],
    ['runs a webhook’s agent', () => runOf('AgentsSsmTaskDefinition'), [webhookStart]],
    ['gives a task the role that takes handoffs', () => passOf('HandoffRole'), [webhookStart]],
    ['gives a task the role of people’s agent', () => passOf('AgentsSshTaskRole'), ['FunctionsStartRole']],
  ])('%s: nobody but those named here', async (_, ask, who) => {
    expect((await policies.whoMay(ask())).sort()).toEqual([...who].sort());
  });
});

describe('the tag bastion:keep', () => {
  const group = 'arn:aws:ec2:eu-west-1:123456789012:security-group/sg-1';
  const task = () => `${policies.arnOf('AWS::ECS::Cluster', 'AgentsCluster').replace(':cluster/', ':task/')}/1`;
  const removing = [
    'FunctionsDrainRole',
    'FunctionsReaperRole',
    'FunctionsStartRole',
    'FunctionsSweeperRole',
    'FunctionsTaskStoppedRole',
    'FunctionsTeardownRole',
    'FunctionsWebhookStartRole',
  ];
  const stopTask = (tags: Record<string, string>): Request => ({
    action: 'ecs:StopTask',
    resource: task(),
    context: { 'ecs:cluster': policies.arnOf('AWS::ECS::Cluster', 'AgentsCluster'), ...tags },
  });
  const deleteGroup = (tags: Record<string, string>): Request => ({
    action: 'ec2:DeleteSecurityGroup',
    resource: group,
    context: { 'aws:ResourceTag/bastion:stack': 'Bastions', ...tags },
  });

  it.each([
    ['task', stopTask],
    ['security group', deleteGroup],
  ])('puts a %s out of everybody’s reach', async (_, remove) => {
    expect((await policies.whoMay(remove({}))).sort()).toEqual(removing);
    expect(await policies.whoMay(remove({ 'aws:ResourceTag/bastion:keep': '' }))).toEqual([]);
  });
});

describe('the sweeper', () => {
  it.each([
    ['notes an orphan', ['orphan#sg-1'], true],
    ['may not write a session', ['session#1'], false],
    ['may not write a claim', ['claim#user#arjen'], false],
    ['may not write without a key', undefined, false],
  ])('%s', async (_, keys, expected) => {
    const context = { ...(keys && { 'dynamodb:LeadingKeys': keys }) };
    const request = { action: 'dynamodb:PutItem', resource: table('SessionsTable'), context };
    expect(await policies.may('FunctionsSweeperRole', request)).toBe(expected);
  });
});
