/**
 * The attacks that an intruder might try who has taken over a function or a task. Beside them stand the legal calls that they
 * resemble, which show that an attack is not denied merely because its request is malformed.
 */
import type { Template } from '../../local/cloudformation/template.ts';
import {
  type Attack,
  type AttackSetup,
  bastionRoles,
  openingRoles,
  removingRoles,
  setUpAttacks,
  startingRoles,
} from './attack-setup.ts';
import { onHandoffs, onSecrets, onSessions } from './attacks-on-data.ts';
import { onOwners, onTags } from './attacks-on-tags.ts';

export const attacksOn = (template: Template): readonly Attack[] => {
  const setup = setUpAttacks(template);
  return [
    onTasks,
    onRoles,
    onGroups,
    onSessions,
    onTags,
    onOwners,
    onHandoffs,
    onSecrets,
    onFunctions,
    onAccount,
  ].flatMap((group) => group(setup));
};

function onTasks({ call, raw, cluster, definitions, tags, tasks }: AttackSetup): Attack[] {
  const foreign = 'arn:aws:ecs:us-east-1:000000000000:cluster/others';
  const stop = (where: string, task = tasks.ours) => call('ecs', 'StopTask', { cluster: where, task });
  const run = (fields: object) =>
    call('ecs', 'RunTask', { cluster, taskDefinition: definitions.ssh, tags: tags('Bastions'), ...fields });
  return [
    // IAM can't tell a foreign task without tags from a stopped task of ours. The first StopTask takes the tags away, and a
    // second one must be allowed: after a lost answer, or when two functions call it at once. Only we run tasks in this cluster.
    // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html
    { name: 'stop a task of this stack', requests: stop(cluster), allowed: removingRoles },
    {
      name: 'stop a task of our own cluster without tags',
      requests: stop(cluster, tasks.untagged),
      allowed: removingRoles,
      reason: 'StopTask takes a task’s tags away, and is called again if its answer was lost',
    },
    { name: 'stop a task of our own cluster with another stack’s tag', requests: stop(cluster, tasks.others) },
    { name: 'stop a task that a person keeps', requests: stop(cluster, tasks.kept) },
    { name: 'stop a task of another cluster', requests: stop(foreign) },
    {
      name: 'look at a task of another cluster',
      requests: call('ecs', 'DescribeTasks', { cluster: foreign, tasks: [tasks.ours] }),
    },
    { name: 'list the tasks of another cluster', requests: call('ecs', 'ListTasks', { cluster: foreign }) },
    { name: 'run people’s agent', requests: run({}), allowed: bastionRoles },
    {
      name: 'run a webhook’s agent',
      requests: run({ taskDefinition: definitions.ssm }),
      allowed: ['FunctionsWebhookStartRole'],
    },
    { name: 'run another task definition', requests: run({ taskDefinition: definitions.others }) },
    ...Object.entries({ 'people’s': definitions.ssh, 'a webhook’s': definitions.ssm }).flatMap(
      ([whose, taskDefinition]) => [
        { name: `run ${whose} agent in another cluster`, requests: run({ taskDefinition, cluster: foreign }) },
        { name: `run ${whose} agent without any tag`, requests: run({ taskDefinition, tags: [] }) },
        { name: `run ${whose} agent with another stack’s tag`, requests: run({ taskDefinition, tags: tags('Other') }) },
      ],
    ),
    {
      name: 'open a shell in a task',
      requests: raw('ecs:ExecuteCommand', `arn:aws:ecs:us-east-1:000000000000:task/${cluster}/${tasks.ours}`, {
        'ecs:cluster': `arn:aws:ecs:us-east-1:000000000000:cluster/${cluster}`,
      }),
    },
    { name: 'register a task definition', requests: raw('ecs:RegisterTaskDefinition', definitions.ssh) },
  ];
}

function onRoles({ call, raw, cluster, definitions, roles, tags, pass }: AttackSetup): Attack[] {
  const overridden = (overrides: object, taskDefinition = definitions.ssh) =>
    call('ecs', 'RunTask', { cluster, taskDefinition, tags: tags('Bastions'), overrides });
  return [
    {
      name: 'give a task the role that takes webhooks’ handoffs',
      requests: pass(roles.handoff, 'ecs-tasks'),
      allowed: ['FunctionsWebhookStartRole'],
    },
    {
      name: 'give a task the role of people’s agent',
      requests: pass(roles.ssh, 'ecs-tasks'),
      allowed: bastionRoles,
    },
    { name: 'give a task the role of a function', requests: pass(roles.start, 'ecs-tasks') },
    { name: 'give a task any other role', requests: pass(roles.admin, 'ecs-tasks') },
    { name: 'run people’s agent with an administrator’s role', requests: overridden({ taskRoleArn: roles.admin }) },
    {
      name: 'run people’s agent with an administrator’s execution role',
      requests: overridden({ executionRoleArn: roles.admin }),
    },
    {
      name: 'run people’s agent with the role that takes webhooks’ handoffs',
      requests: overridden({ taskRoleArn: roles.handoff }),
    },
    {
      name: 'run a webhook’s agent with the role that takes people’s handoffs',
      requests: overridden({ taskRoleArn: roles.ssh }, definitions.ssm),
    },
    ...['ec2', 'lambda', 'ecs', 'states'].flatMap((service) => [
      { name: `give a task’s role to ${service}`, requests: pass(roles.handoff, service) },
      { name: `give people’s agent’s role to ${service}`, requests: pass(roles.ssh, service) },
    ]),
    ...['UpdateAssumeRolePolicy', 'PutRolePolicy', 'AttachRolePolicy', 'DeleteRolePolicy', 'GetRole'].map((action) => ({
      name: `iam:${action} on a role of ours`,
      requests: raw(`iam:${action}`, roles.start),
    })),
    { name: 'create an access key', requests: raw('iam:CreateAccessKey', 'arn:aws:iam::000000000000:user/admin') },
    { name: 'create a user', requests: raw('iam:CreateUser', 'arn:aws:iam::000000000000:user/mallory') },
    { name: 'take on a function’s role', requests: raw('sts:AssumeRole', roles.start) },
    { name: 'take on an administrator’s role', requests: raw('sts:AssumeRole', roles.admin) },
  ];
}

function onGroups({ call, raw, groups, vpc, specification }: AttackSetup): Attack[] {
  const change = (action: string, GroupId: string) => call('ec2', action, { GroupId });
  const create = (VpcId: string, TagSpecification: unknown) =>
    call('ec2', 'CreateSecurityGroup', { VpcId, TagSpecification });
  return [
    {
      name: 'delete a group of this stack',
      requests: change('DeleteSecurityGroup', groups.ours),
      allowed: removingRoles,
    },
    ...['AuthorizeSecurityGroupIngress', 'RevokeSecurityGroupIngress'].map((action) => ({
      name: `${action} on a group of this stack`,
      requests: change(action, groups.ours),
      allowed: openingRoles,
    })),
    { name: 'delete a group that a person keeps', requests: change('DeleteSecurityGroup', groups.kept) },
    ...['DeleteSecurityGroup', 'AuthorizeSecurityGroupIngress', 'RevokeSecurityGroupIngress'].flatMap((action) => [
      { name: `${action} on a group without tags`, requests: change(action, groups.untagged) },
      { name: `${action} on a group of another stack`, requests: change(action, groups.others) },
      { name: `${action} on a group that has our session’s tag only`, requests: change(action, groups.halfTagged) },
    ]),
    {
      name: 'create a group in our VPC with our tag',
      requests: create(vpc, specification('Bastions')),
      allowed: startingRoles,
    },
    { name: 'create a group without any tag', requests: create(vpc, []) },
    { name: 'create a group with the tag of another stack', requests: create(vpc, specification('Other')) },
    { name: 'create a group in another VPC', requests: create('vpc-0123456789abcdef0', specification('Bastions')) },
    {
      name: 'open the way out of a group of this stack',
      requests: raw(
        'ec2:AuthorizeSecurityGroupEgress',
        `arn:aws:ec2:us-east-1:000000000000:security-group/${groups.ours}`,
        {
          'aws:ResourceTag/bastion:stack': 'Bastions',
        },
      ),
    },
  ];
}

/** The roles that may invoke a function. No role may invoke any other function. */
const invokers: Readonly<Record<string, readonly string[]>> = {
  FunctionsTeardownFunction: ['FunctionsStopRole', 'FunctionsWebhookStopRole'],
  FunctionsPoolFunction: ['TriggersPoolEveryMinuteRole'],
  FunctionsReaperFunction: ['TriggersEveryMinuteRole'],
  FunctionsSweeperFunction: ['TriggersEveryTenMinutesRole'],
  FunctionsDrainFunction: ['FunctionsDrainRole'],
};

function onFunctions({ call, raw, functions }: AttackSetup): Attack[] {
  const others = { name: 'a function of others', arn: 'arn:aws:lambda:us-east-1:000000000000:function:others' };
  return [...functions, others].flatMap(({ name, arn }) => [
    {
      name: `invoke ${name}`,
      requests: call('lambda', 'Invoke', { FunctionName: arn }),
      allowed: invokers[name] ?? [],
    },
    { name: `invoke a version of ${name}`, requests: raw('lambda:InvokeFunction', `${arn}:1`) },
    { name: `replace the code of ${name}`, requests: raw('lambda:UpdateFunctionCode', arn) },
  ]);
}

function onAccount({ raw, failures }: AttackSetup): Attack[] {
  const account = 'arn:aws:ec2:us-east-1:000000000000';
  const bus = 'arn:aws:events:us-east-1:000000000000:event-bus/default';
  const eventOf = (source: string) => ({ 'events:source': [source] });
  const sendEvent = (source: string) => raw('events:PutEvents', bus, eventOf(source));
  return [
    {
      name: 'send an event of a session',
      requests: sendEvent('bastion-on-demand'),
      allowed: ['FunctionsAnnounceRole'],
    },
    { name: 'send an event in another’s name', requests: sendEvent('other.service') },
    { name: 'send an event in no name', requests: raw('events:PutEvents', bus) },
    {
      name: 'send an event to another bus',
      requests: raw('events:PutEvents', `${bus}2`, eventOf('bastion-on-demand')),
    },
    { name: 'run an instance', requests: raw('ec2:RunInstances', `${account}:instance/*`) },
    { name: 'open a route', requests: raw('ec2:CreateRoute', `${account}:route-table/rtb-0123456789abcdef0`) },
    {
      name: 'remove a log group',
      requests: raw('logs:DeleteLogGroup', 'arn:aws:logs:us-east-1:000000000000:log-group:x'),
    },
    ...['PurgeQueue', 'ReceiveMessage', 'GetQueueAttributes'].map((action) => ({
      name: `sqs:${action} of the failures`,
      requests: raw(`sqs:${action}`, failures),
    })),
  ];
}
