/**
 * What somebody might try who has taken over one of the functions or tasks, or tricked it. Beside the attacks stand the legal
 * calls that they resemble, so that no attack is denied merely because it is put wrongly.
 */
import type { Template } from '../../local/cloudformation/template.ts';
import { type Attempt, type Known, knownIn, removing, starting } from './attack-setup.ts';
import { onHandoffs, onSecrets, onSessions } from './attacks-on-data.ts';

export const attacksOn = (template: Template): readonly Attempt[] => {
  const known = knownIn(template);
  return [onTasks, onRoles, onGroups, onSessions, onTags, onHandoffs, onSecrets, onFunctions, onAccount].flatMap(
    (part) => part(known),
  );
};

function onTasks({ call, raw, cluster, definitions, tags, tasks }: Known): Attempt[] {
  const foreign = 'arn:aws:ecs:us-east-1:000000000000:cluster/others';
  const stop = (where: string, task = tasks.ours) => call('ecs', 'StopTask', { cluster: where, task });
  const run = (fields: object) =>
    call('ecs', 'RunTask', { cluster, taskDefinition: definitions.ssh, tags: tags('Bastions'), ...fields });
  return [
    // IAM can not tell a foreign task without tags from one of ours that has been stopped: the first StopTask takes the tags away,
    // and a second one, after a lost answer or of two functions at once, must not be denied. Nobody else runs tasks in this cluster.
    // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html
    { what: 'stop a task of this stack', requests: stop(cluster), who: removing },
    {
      what: 'stop a task of our own cluster without tags',
      requests: stop(cluster, tasks.untagged),
      who: removing,
      because: 'for StopTask takes a task’s tags away, and has to be allowed again when its answer was lost',
    },
    { what: 'stop a task of our own cluster with another stack’s tag', requests: stop(cluster, tasks.others) },
    { what: 'stop a task that a person keeps', requests: stop(cluster, tasks.kept) },
    { what: 'stop a task of another cluster', requests: stop(foreign) },
    {
      what: 'look at a task of another cluster',
      requests: call('ecs', 'DescribeTasks', { cluster: foreign, tasks: [tasks.ours] }),
    },
    { what: 'list the tasks of another cluster', requests: call('ecs', 'ListTasks', { cluster: foreign }) },
    { what: 'run people’s agent', requests: run({}), who: ['FunctionsStartRole'] },
    {
      what: 'run a webhook’s agent',
      requests: run({ taskDefinition: definitions.ssm }),
      who: ['FunctionsWebhookStartRole'],
    },
    { what: 'run another task definition', requests: run({ taskDefinition: definitions.others }) },
    ...Object.entries({ 'people’s': definitions.ssh, 'a webhook’s': definitions.ssm }).flatMap(
      ([whose, taskDefinition]) => [
        { what: `run ${whose} agent in another cluster`, requests: run({ taskDefinition, cluster: foreign }) },
        { what: `run ${whose} agent without any tag`, requests: run({ taskDefinition, tags: [] }) },
        { what: `run ${whose} agent with another stack’s tag`, requests: run({ taskDefinition, tags: tags('Other') }) },
      ],
    ),
    {
      what: 'open a shell in a task',
      requests: raw('ecs:ExecuteCommand', `arn:aws:ecs:us-east-1:000000000000:task/${cluster}/${tasks.ours}`, {
        'ecs:cluster': `arn:aws:ecs:us-east-1:000000000000:cluster/${cluster}`,
      }),
    },
    { what: 'register a task definition', requests: raw('ecs:RegisterTaskDefinition', definitions.ssh) },
  ];
}

function onRoles({ call, raw, cluster, definitions, roles, tags, pass }: Known): Attempt[] {
  const overridden = (overrides: object) =>
    call('ecs', 'RunTask', { cluster, taskDefinition: definitions.ssh, tags: tags('Bastions'), overrides });
  return [
    {
      what: 'give a task the role that takes handoffs',
      requests: pass(roles.handoff, 'ecs-tasks'),
      who: ['FunctionsWebhookStartRole'],
    },
    {
      what: 'give a task the role of people’s agent',
      requests: pass(roles.ssh, 'ecs-tasks'),
      who: ['FunctionsStartRole'],
    },
    { what: 'give a task the role of a function', requests: pass(roles.start, 'ecs-tasks') },
    { what: 'give a task any other role', requests: pass(roles.admin, 'ecs-tasks') },
    { what: 'run people’s agent with an administrator’s role', requests: overridden({ taskRoleArn: roles.admin }) },
    {
      what: 'run people’s agent with an administrator’s execution role',
      requests: overridden({ executionRoleArn: roles.admin }),
    },
    {
      what: 'run people’s agent with the role that takes handoffs',
      requests: overridden({ taskRoleArn: roles.handoff }),
    },
    ...['ec2', 'lambda', 'ecs', 'states'].flatMap((service) => [
      { what: `give a task’s role to ${service}`, requests: pass(roles.handoff, service) },
      { what: `give people’s agent’s role to ${service}`, requests: pass(roles.ssh, service) },
    ]),
    ...['UpdateAssumeRolePolicy', 'PutRolePolicy', 'AttachRolePolicy', 'DeleteRolePolicy', 'GetRole'].map((action) => ({
      what: `iam:${action} on a role of ours`,
      requests: raw(`iam:${action}`, roles.start),
    })),
    { what: 'create an access key', requests: raw('iam:CreateAccessKey', 'arn:aws:iam::000000000000:user/admin') },
    { what: 'create a user', requests: raw('iam:CreateUser', 'arn:aws:iam::000000000000:user/mallory') },
    { what: 'take on a function’s role', requests: raw('sts:AssumeRole', roles.start) },
    { what: 'take on an administrator’s role', requests: raw('sts:AssumeRole', roles.admin) },
  ];
}

function onGroups({ call, raw, groups, vpc, specification }: Known): Attempt[] {
  const change = (action: string, GroupId: string) => call('ec2', action, { GroupId });
  const create = (VpcId: string, TagSpecification: unknown) =>
    call('ec2', 'CreateSecurityGroup', { VpcId, TagSpecification });
  return [
    {
      what: 'delete a group of this stack',
      requests: change('DeleteSecurityGroup', groups.ours),
      who: removing,
    },
    { what: 'delete a group that a person keeps', requests: change('DeleteSecurityGroup', groups.kept) },
    ...['DeleteSecurityGroup', 'AuthorizeSecurityGroupIngress', 'RevokeSecurityGroupIngress'].flatMap((action) => [
      { what: `${action} on a group without tags`, requests: change(action, groups.untagged) },
      { what: `${action} on a group of another stack`, requests: change(action, groups.others) },
      { what: `${action} on a group that has our session’s tag only`, requests: change(action, groups.halfTagged) },
    ]),
    { what: 'create a group in our VPC with our tag', requests: create(vpc, specification('Bastions')), who: starting },
    { what: 'create a group without any tag', requests: create(vpc, []) },
    { what: 'create a group with the tag of another stack', requests: create(vpc, specification('Other')) },
    { what: 'create a group in another VPC', requests: create('vpc-0123456789abcdef0', specification('Bastions')) },
    {
      what: 'open the way out of a group of this stack',
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

function onTags({ raw, groups, cluster, tasks }: Known): Attempt[] {
  const group = `arn:aws:ec2:us-east-1:000000000000:security-group/${groups.untagged}`;
  const task = `arn:aws:ecs:us-east-1:000000000000:task/${cluster}/${tasks.ours}`;
  const ours = { 'aws:RequestTag/bastion:stack': 'Bastions', 'aws:TagKeys': ['bastion:stack'] };
  return [
    { what: 'tag a group of others as ours', requests: raw('ec2:CreateTags', group, ours) },
    {
      what: 'tag a group while something else is made',
      requests: raw('ec2:CreateTags', group, { ...ours, 'ec2:CreateAction': 'RunInstances' }),
    },
    {
      what: 'remove the tags of a group',
      requests: raw('ec2:DeleteTags', group, { 'aws:TagKeys': ['bastion:stack'] }),
    },
    { what: 'tag a task that runs', requests: raw('ecs:TagResource', task, ours) },
    {
      what: 'tag a new task of another cluster',
      requests: raw('ecs:TagResource', task.replace(cluster, 'others'), { ...ours, 'ecs:CreateAction': 'RunTask' }),
    },
    {
      what: 'remove the tags of a task',
      requests: raw('ecs:UntagResource', task, { 'aws:TagKeys': ['bastion:stack'] }),
    },
  ];
}

/** Who may invoke which of them; nobody any other. */
const invokers: Readonly<Record<string, readonly string[]>> = {
  FunctionsTeardownFunction: ['FunctionsStopRole', 'FunctionsWebhookStopRole'],
  FunctionsReaperFunction: ['TriggersEveryMinuteRole'],
  FunctionsSweeperFunction: ['TriggersEveryTenMinutesRole'],
  FunctionsDrainFunction: ['FunctionsDrainRole'],
};

function onFunctions({ call, raw, functions }: Known): Attempt[] {
  const others = { name: 'a function of others', arn: 'arn:aws:lambda:us-east-1:000000000000:function:others' };
  return [...functions, others].flatMap(({ name, arn }) => [
    {
      what: `invoke ${name}`,
      requests: call('lambda', 'Invoke', { FunctionName: arn }),
      who: invokers[name] ?? [],
    },
    { what: `invoke a version of ${name}`, requests: raw('lambda:InvokeFunction', `${arn}:1`) },
    { what: `replace the code of ${name}`, requests: raw('lambda:UpdateFunctionCode', arn) },
  ]);
}

function onAccount({ raw, failures }: Known): Attempt[] {
  const account = 'arn:aws:ec2:us-east-1:000000000000';
  return [
    { what: 'run an instance', requests: raw('ec2:RunInstances', `${account}:instance/*`) },
    { what: 'open a route', requests: raw('ec2:CreateRoute', `${account}:route-table/rtb-0123456789abcdef0`) },
    {
      what: 'remove a log group',
      requests: raw('logs:DeleteLogGroup', 'arn:aws:logs:us-east-1:000000000000:log-group:x'),
    },
    ...['PurgeQueue', 'ReceiveMessage', 'GetQueueAttributes'].map((action) => ({
      what: `sqs:${action} of the failures`,
      requests: raw(`sqs:${action}`, failures),
    })),
  ];
}
