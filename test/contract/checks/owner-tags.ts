import { CreateTagsCommand, DeleteTagsCommand, DescribeSecurityGroupsCommand, type Tag } from '@aws-sdk/client-ec2';
import { TagResourceCommand } from '@aws-sdk/client-ecs';
import type { Check, Operation } from '../check.ts';
import { fargate } from '../fargate.ts';
import { describeGroup, newGroup } from '../security-group.ts';

const before = { 'bastion:owner': 'ann', 'bastion:stack': 'Bastions' };
const after = { 'bastion:owner': 'bob', 'bastion:stack': 'Bastions' };

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TagResource.html */
export const tagTask: Operation = {
  name: 'ECS TagResource',
  checks: {
    'replaces the tag of that name, and keeps the others': {
      aws: after,
      async observe(account) {
        const { start, describe } = await fargate(account);
        const resourceArn = await start({ tags: Object.entries(before).map(([key, value]) => ({ key, value })) });
        await account.ecs.send(new TagResourceCommand({ resourceArn, tags: [{ key: 'bastion:owner', value: 'bob' }] }));
        const { tags = [] } = (await describe(resourceArn, ['TAGS'])) ?? {};
        return Object.fromEntries(tags.map(({ key, value }) => [key, value]).sort());
      },
    },
  },
};

/** Checks which tags are left of two after a removal. */
const removing = (Tags: readonly Tag[] | undefined, aws: readonly string[]): Check => ({
  aws,
  async observe(account) {
    const { ec2 } = account;
    const GroupId = await newGroup(account, (await account.network()).vpcId);
    const two = Object.entries(before).map(([Key, Value]) => ({ Key, Value }));
    await ec2.send(new CreateTagsCommand({ Resources: [GroupId], Tags: two }));
    await ec2.send(new DeleteTagsCommand({ Resources: [GroupId], ...(Tags && { Tags: [...Tags] }) }));
    return ((await describeGroup(account, GroupId)).Tags ?? []).map(({ Key }) => Key).sort();
  },
});

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTags.html */
export const untagGroup: Operation = {
  name: 'EC2 DeleteTags',
  checks: {
    'removes a tag by its key, whatever its value': removing([{ Key: 'bastion:owner' }], ['bastion:stack']),
    'removes a tag that has this value': removing([{ Key: 'bastion:owner', Value: 'ann' }], ['bastion:stack']),
    'keeps a tag that has another value': removing(
      [{ Key: 'bastion:owner', Value: 'bob' }],
      ['bastion:owner', 'bastion:stack'],
    ),
    'removes every tag if none is named': removing(undefined, []),
  },
};

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html */
export const tagGroup: Operation = {
  name: 'EC2 CreateTags',
  checks: {
    'replaces the tag of that name, and keeps the others': {
      aws: after,
      async observe(account) {
        const { ec2 } = account;
        const GroupId = await newGroup(account, (await account.network()).vpcId);
        for (const tags of [before, { 'bastion:owner': 'bob' }]) {
          const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
          await ec2.send(new CreateTagsCommand({ Resources: [GroupId], Tags }));
        }
        const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }));
        const tags = SecurityGroups[0]?.Tags ?? [];
        return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]).sort());
      },
    },
  },
};
