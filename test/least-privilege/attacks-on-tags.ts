/** Attacks on the tags by which a stack knows its own. */
import type { Attack, AttackSetup } from './attack-setup.ts';

export function onTags({ raw, groups, cluster, tasks }: AttackSetup): Attack[] {
  const group = `arn:aws:ec2:us-east-1:000000000000:security-group/${groups.untagged}`;
  const task = `arn:aws:ecs:us-east-1:000000000000:task/${cluster}/${tasks.ours}`;
  const ours = { 'aws:RequestTag/bastion:stack': 'Bastions', 'aws:TagKeys': ['bastion:stack'] };
  return [
    { name: 'tag a group of others as ours', requests: raw('ec2:CreateTags', group, ours) },
    {
      name: 'tag a group while something else is made',
      requests: raw('ec2:CreateTags', group, { ...ours, 'ec2:CreateAction': 'RunInstances' }),
    },
    {
      name: 'remove the tags of a group',
      requests: raw('ec2:DeleteTags', group, { 'aws:TagKeys': ['bastion:stack'] }),
    },
    { name: 'tag a task that runs', requests: raw('ecs:TagResource', task, ours) },
    {
      name: 'tag a new task of another cluster',
      requests: raw('ecs:TagResource', task.replace(cluster, 'others'), { ...ours, 'ecs:CreateAction': 'RunTask' }),
    },
    {
      name: 'remove the tags of a task',
      requests: raw('ecs:UntagResource', task, { 'aws:TagKeys': ['bastion:stack'] }),
    },
  ];
}

/** The owner of what a pool has made is named once it is taken. */
export function onOwners({ call, raw, groups, cluster, tasks }: AttackSetup): Attack[] {
  const [ofTasks, ofGroups] = [
    'arn:aws:ecs:us-east-1:000000000000:task/',
    'arn:aws:ec2:us-east-1:000000000000:security-group/',
  ];
  const isOurs = { 'aws:ResourceTag/bastion:stack': 'Bastions' };
  const owner = ['bastion:owner', 'arjen'] as const;
  const tagTask = (id: string, ...tags: (readonly [string, string])[]) =>
    call('ecs', 'TagResource', {
      resourceArn: `${ofTasks}${id}`,
      tags: tags.map(([key, value]) => ({ key, value })),
    });
  const tagGroup = (id: string, ...tags: (readonly [string, string])[]) =>
    call('ec2', 'CreateTags', { ResourceId: [id], Tag: tags.map(([Key, Value]) => ({ Key, Value })) });
  const kinds = [
    {
      what: 'a task',
      tag: (id: keyof typeof tasks, ...tags: (readonly [string, string])[]) =>
        tagTask(`${cluster}/${tasks[id]}`, ...tags),
    },
    {
      what: 'a group',
      tag: (id: 'ours' | 'untagged' | 'others', ...tags: (readonly [string, string])[]) =>
        tagGroup(groups[id], ...tags),
    },
  ];
  return [
    ...kinds.flatMap(({ what, tag }) => [
      {
        name: `name the owner of ${what} of this stack`,
        requests: tag('ours', owner),
        allowed: ['FunctionsStartRole'],
      },
      { name: `name the owner of ${what} of another stack`, requests: tag('others', owner) },
      { name: `name the owner of ${what} without tags`, requests: tag('untagged', owner) },
      ...(['bastion:stack', 'bastion:session', 'bastion:keep'] as const).flatMap((key) => [
        { name: `set the tag ${key} of ${what} of this stack`, requests: tag('ours', [key, 'x']) },
        {
          name: `set the tag ${key} of ${what} of this stack beside its owner`,
          requests: tag('ours', owner, [key, 'x']),
        },
      ]),
    ]),
    {
      name: 'tag a task without a word of which tag',
      requests: raw('ecs:TagResource', `${ofTasks}${cluster}/${tasks.ours}`, isOurs),
    },
    {
      name: 'tag a group without a word of which tag',
      requests: raw('ec2:CreateTags', `${ofGroups}${groups.ours}`, isOurs),
    },
    { name: 'name the owner of a task of another cluster', requests: tagTask(`others/${tasks.ours}`, owner) },
  ];
}
