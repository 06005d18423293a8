import { DescribeSecurityGroupsCommand, type DescribeSecurityGroupsCommandInput } from '@aws-sdk/client-ec2';
import { type Account, newName, unknownId } from '../account.ts';
import { type Check, type Operation, outcomeOf, pagesOf } from '../check.ts';
import { newGroup } from '../security-group.ts';

const owned = (Value: string) => ({
  TagSpecifications: [{ ResourceType: 'security-group' as const, Tags: [{ Key: 'bastion:owner', Value }] }],
});

/** Checks which of Ann's and Bob's groups a filter finds in their VPC. */
const found = (aws: readonly string[], Filters: DescribeSecurityGroupsCommandInput['Filters'] = []): Check => ({
  aws,
  async observe(account) {
    const { vpcId } = await account.network();
    await newGroup(account, vpcId, { GroupName: 'bastion-ann', ...owned('ann') });
    await newGroup(account, vpcId, { GroupName: 'bastion-bob', ...owned('bob') });
    const inVpc = { Name: 'vpc-id', Values: [vpcId] };
    const { SecurityGroups = [] } = await account.ec2.send(
      new DescribeSecurityGroupsCommand({ Filters: [inVpc, ...Filters] }),
    );
    return SecurityGroups.map(({ GroupName }) => GroupName).sort();
  },
});

const refused = (aws: string, input: DescribeSecurityGroupsCommandInput): Check => ({
  aws,
  observe: ({ ec2 }) => outcomeOf(ec2.send(new DescribeSecurityGroupsCommand(input))),
});

async function sevenGroups(account: Account): Promise<string> {
  const { vpcId } = await account.network();
  for (let number = 0; number < 7; number += 1) await newGroup(account, vpcId, { GroupName: newName(`bastion`) });
  return vpcId;
}

export const describeSecurityGroups: Operation = {
  name: 'EC2 DescribeSecurityGroups',
  checks: {
    'a VPC has a default group beside others': found(['bastion-ann', 'bastion-bob', 'default']),
    'filters by name': found(['bastion-ann'], [{ Name: 'group-name', Values: ['bastion-ann'] }]),
    'filters by any of several names': found(
      ['bastion-ann', 'bastion-bob'],
      [{ Name: 'group-name', Values: ['bastion-ann', 'bastion-bob', 'bastion-cyd'] }],
    ),
    'filters by name with a wildcard': found(
      ['bastion-ann', 'bastion-bob'],
      [{ Name: 'group-name', Values: ['bastion-*'] }],
    ),
    'filters by the value of a tag': found(['bastion-bob'], [{ Name: 'tag:bastion:owner', Values: ['bob'] }]),
    'filters by the key of a tag': found(
      ['bastion-ann', 'bastion-bob'],
      [{ Name: 'tag-key', Values: ['bastion:owner'] }],
    ),
    'a group must match every filter': found(
      [],
      [
        { Name: 'tag:bastion:owner', Values: ['bob'] },
        { Name: 'group-name', Values: ['bastion-ann'] },
      ],
    ),
    'a filter without a match is no error': found([], [{ Name: 'group-name', Values: ['bastion-cyd'] }]),
    'an unknown id is refused': refused('InvalidGroup.NotFound 400', { GroupIds: [unknownId('sg')] }),
    'one unknown id among known ones refuses all': {
      aws: 'InvalidGroup.NotFound 400',
      async observe(account) {
        const GroupIds = [await newGroup(account, (await account.network()).vpcId), unknownId('sg')];
        return outcomeOf(account.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds })));
      },
    },
    'a filter by id leaves an unknown id out': {
      aws: 1,
      async observe(account) {
        const Values = [await newGroup(account, (await account.network()).vpcId), unknownId('sg')];
        const Filters = [{ Name: 'group-id', Values }];
        return (await account.ec2.send(new DescribeSecurityGroupsCommand({ Filters }))).SecurityGroups?.length;
      },
    },
    'filters by description': found(['default'], [{ Name: 'description', Values: ['default VPC *'] }]),
    'an unknown filter is refused': refused('InvalidParameterValue 400', {
      Filters: [{ Name: 'colour', Values: ['red'] }],
    }),
    'pages of fewer than 5 are refused': refused('InvalidParameterValue 400', { MaxResults: 4 }),
    'pages of more than 1000 are refused': refused('InvalidParameterValue 400', { MaxResults: 1001 }),
    'pages have each group once': {
      aws: { sizes: [5, 3], different: 8 },
      async observe(account) {
        const Filters = [{ Name: 'vpc-id', Values: [await sevenGroups(account)] }];
        const pages = await pagesOf(async (token: string | undefined) => {
          const page = { Filters, MaxResults: 5, ...(token !== undefined && { NextToken: token }) };
          const { SecurityGroups = [], NextToken } = await account.ec2.send(new DescribeSecurityGroupsCommand(page));
          return { items: SecurityGroups.map(({ GroupId }) => GroupId), next: NextToken };
        });
        return { sizes: pages.map((page) => page.length), different: new Set(pages.flat()).size };
      },
    },
  },
};
