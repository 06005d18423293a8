import {
  CreateSecurityGroupCommand,
  type CreateSecurityGroupCommandInput,
  DeleteSecurityGroupCommand,
} from '@aws-sdk/client-ec2';
import { type Account, newName, unknownId } from '../account.ts';
import { type Check, type Operation, outcomeOf } from '../check.ts';
import { describeGroup, newGroup } from '../security-group.ts';

const tag = { Key: 'bastion:session', Value: 'a <b> & "c"' };

const tagged = (ResourceType: 'security-group' | 'vpc', ...Tags: { Key: string; Value: string }[]) => ({
  TagSpecifications: [{ ResourceType, Tags }],
});

/** Checks the refusal of a group that differs from a valid one in one point. */
const refused = (aws: string, difference: Partial<CreateSecurityGroupCommandInput>): Check => ({
  aws,
  async observe(account) {
    const { vpcId } = await account.network();
    return outcomeOf(newGroup(account, vpcId, difference));
  },
});

/** Checks the outcome of a second group, whose name depends on that of the first. */
const second = (aws: string, nameOf: (first: string) => string): Check => ({
  aws,
  async observe(account) {
    const { vpcId } = await account.network();
    const GroupName = newName('bastion');
    await newGroup(account, vpcId, { GroupName });
    return outcomeOf(newGroup(account, vpcId, { GroupName: nameOf(GroupName) }));
  },
});

export const createSecurityGroup: Operation = {
  name: 'EC2 CreateSecurityGroup',
  checks: {
    'returns the id, the ARN and the tags': {
      aws: { hasId: true, arnNamesId: true, Tags: [tag] },
      async observe({ ec2, network }) {
        const { vpcId } = await network();
        const group = { GroupName: newName('bastion'), Description: 'a test', VpcId: vpcId };
        const command = new CreateSecurityGroupCommand({ ...group, ...tagged('security-group', tag) });
        const { GroupId = '', SecurityGroupArn, Tags } = await ec2.send(command);
        const arnNamesId = SecurityGroupArn?.endsWith(`:security-group/${GroupId}`);
        return { hasId: /^sg-[0-9a-f]{17}$/.test(GroupId), arnNamesId, Tags };
      },
    },
    'a new group allows nothing in and everything out': {
      aws: { in: [], out: [{ protocol: '-1', to: ['0.0.0.0/0'] }] },
      async observe(account) {
        const { vpcId } = await account.network();
        const group = await describeGroup(account, await newGroup(account, vpcId));
        const egress = group.IpPermissionsEgress?.map(({ IpProtocol, IpRanges }) => ({
          protocol: IpProtocol,
          to: IpRanges?.map(({ CidrIp }) => CidrIp),
        }));
        return { in: group.IpPermissions, out: egress };
      },
    },
    'a second group of the same name is refused': second('InvalidGroup.Duplicate 400', (name) => name),
    'a name in other letter case is refused as the same name': second('InvalidGroup.Duplicate 400', (name) =>
      name.toUpperCase(),
    ),
    'two VPCs may have groups of the same name': {
      aws: 'accepted',
      async observe(account) {
        const GroupName = newName('bastion');
        await newGroup(account, (await account.network()).vpcId, { GroupName });
        return outcomeOf(newGroup(account, (await account.network()).vpcId, { GroupName }));
      },
    },
    'an unknown VPC is refused': refused('InvalidVpcID.NotFound 400', { VpcId: unknownId('vpc') }),
    'a name that looks like an id is refused': refused('InvalidParameterValue 400', { GroupName: 'sg-mine' }),
    'an apostrophe in the name is refused': refused('InvalidParameterValue 400', { GroupName: "o'neil" }),
    'a name of 256 characters is refused': refused('InvalidParameterValue 400', { GroupName: 'x'.repeat(256) }),
    'a letter beyond ASCII in the description is refused': refused('InvalidParameterValue 400', {
      Description: 'für zwei',
    }),
    'a description is required': refused('MissingParameter 400', { Description: undefined }),
    'tags of another kind of resource are refused': refused('InvalidParameterValue 400', tagged('vpc', tag)),
    'tags that start with aws: are refused': refused(
      'InvalidParameterValue 400',
      tagged('security-group', { Key: 'aws:mine', Value: '' }),
    ),
    'more than 50 tags are refused': refused(
      'TagLimitExceeded 400',
      tagged('security-group', ...Array.from({ length: 51 }, (_, number) => ({ Key: `k${number}`, Value: '' }))),
    ),
  },
};

const remove = ({ ec2 }: Account, GroupId: string) => ec2.send(new DeleteSecurityGroupCommand({ GroupId }));

/** The checks of network interfaces cover groups that are in use. */
export const deleteSecurityGroup: Operation = {
  name: 'EC2 DeleteSecurityGroup',
  checks: {
    'the group does not exist afterwards': {
      aws: { return: true, namesIt: true, afterwards: 'InvalidGroup.NotFound 400' },
      async observe(account) {
        const group = await newGroup(account, (await account.network()).vpcId);
        const { Return, GroupId } = await remove(account, group);
        return {
          return: Return,
          namesIt: GroupId === group,
          afterwards: await outcomeOf(describeGroup(account, group)),
        };
      },
    },
    'a second deletion is refused': {
      aws: 'InvalidGroup.NotFound 400',
      async observe(account) {
        const group = await newGroup(account, (await account.network()).vpcId);
        await remove(account, group);
        return outcomeOf(remove(account, group));
      },
    },
    'the name of a deleted group is free': {
      aws: 'accepted',
      async observe(account) {
        const { vpcId } = await account.network();
        const GroupName = newName('bastion');
        await remove(account, await newGroup(account, vpcId, { GroupName }));
        return outcomeOf(newGroup(account, vpcId, { GroupName }));
      },
    },
  },
};
