import * as v from 'valibot';
import type { Context } from '../context.ts';
import { type Operations, operationMaker } from '../operation.ts';
import { AwsError } from '../wire.ts';
import { type Describable, describe, idList, listing } from './filters.ts';
import { Network, type Subnet, subnetNotFound, type Vpc, vpcNotFound } from './network.ts';
import { interfaceNotFound, type NetworkInterface, NetworkInterfaces } from './network-interfaces.ts';
import { changedRules, ruleChange } from './rules.ts';
import { groupNotFound, type SecurityGroup, SecurityGroups } from './security-groups.ts';
import { describeTags, removeTags, setTags, tagList, tagRemoval } from './tags.ts';

/** The EC2 of an account: VPCs, subnets, security groups and network interfaces. */
export interface Ec2 {
  readonly operations: Operations;
  readonly network: Network;
  readonly groups: SecurityGroups;
  readonly interfaces: NetworkInterfaces;
  /** Makes a VPC exist, with its default security group. */
  addVpc(vpc: Vpc): void;
  /** Makes a subnet exist. Throws an AwsError if its VPC does not exist. */
  addSubnet(subnet: Subnet): void;
}

const noTags = () => new Map<string, string>();

/** Makes the EC2 of an account, without VPCs. */
export function createEc2(context: Context): Ec2 {
  const network = new Network();
  const groups = new SecurityGroups(context, network);
  const interfaces = new NetworkInterfaces(context, network);
  const operation = operationMaker('InvalidParameterValue', 'MissingParameter');

  const describableGroups = (): Describable<SecurityGroup> => ({
    action: 'DescribeSecurityGroups',
    idName: 'GroupId',
    items: groups.all(),
    idOf: ({ id }) => id,
    notFound: groupNotFound,
    filters: {
      'group-id': ({ id }) => [id],
      'group-name': ({ name }) => [name],
      'vpc-id': ({ vpcId }) => [vpcId],
      description: ({ description }) => [description],
    },
    tagsOf: ({ tags }) => tags,
  });

  const describableInterfaces = (): Describable<NetworkInterface> => ({
    action: 'DescribeNetworkInterfaces',
    idName: 'NetworkInterfaceId',
    items: interfaces.all(),
    idOf: ({ id }) => id,
    notFound: interfaceNotFound,
    filters: {
      'network-interface-id': ({ id }) => [id],
      'group-id': ({ groupIds }) => groupIds,
      'subnet-id': ({ subnet }) => [subnet.subnetId],
      'vpc-id': ({ subnet }) => [subnet.vpcId],
      description: ({ description }) => [description],
    },
    tagsOf: noTags,
  });

  const describableVpcs = (): Describable<Vpc> => ({
    action: 'DescribeVpcs',
    idName: 'VpcId',
    items: [...network.vpcs.values()],
    idOf: ({ vpcId }) => vpcId,
    notFound: vpcNotFound,
    filters: { 'vpc-id': ({ vpcId }) => [vpcId] },
    tagsOf: noTags,
  });

  const describableSubnets = (): Describable<Subnet> => ({
    action: 'DescribeSubnets',
    idName: 'SubnetId',
    items: [...network.subnets.values()],
    idOf: ({ subnetId }) => subnetId,
    notFound: subnetNotFound,
    filters: {
      'subnet-id': ({ subnetId }) => [subnetId],
      'vpc-id': ({ vpcId }) => [vpcId],
      'availability-zone': ({ availabilityZone }) => [availabilityZone],
    },
    tagsOf: noTags,
  });

  const createSecurityGroup = v.object({
    GroupName: v.string(),
    GroupDescription: v.string(),
    VpcId: v.optional(v.string()),
    TagSpecification: v.optional(v.array(v.object({ ResourceType: v.string(), Tag: v.optional(tagList, []) })), []),
  });

  const taggedIds = v.array(v.string());

  const operations: Operations = {
    CreateSecurityGroup: operation(createSecurityGroup, (input) => {
      if (input.VpcId === undefined) throw new AwsError('VPCIdNotSpecified', 'No default VPC for this user');
      const tags = noTags();
      for (const { ResourceType, Tag } of input.TagSpecification) {
        if (ResourceType !== 'security-group') {
          throw new AwsError(
            'InvalidParameterValue',
            `'${ResourceType}' is not a valid taggable resource type for this operation.`,
          );
        }
        setTags(tags, Tag);
      }
      const { GroupName: name, GroupDescription: description, VpcId: vpcId } = input;
      const group = groups.create({ name, description, vpcId, tags });
      return {
        return: true,
        groupId: group.id,
        tagSet: describeTags(tags),
        securityGroupArn: groups.arn(group),
      };
    }),

    DescribeSecurityGroups: operation(v.object({ GroupId: idList, ...listing }), (input) => {
      const { items, nextToken } = describe(describableGroups(), input.GroupId, input);
      return { securityGroupInfo: items.map((group) => groups.describe(group)), nextToken };
    }),

    AuthorizeSecurityGroupIngress: operation(ruleChange, (change) => {
      groups.authorize(change.GroupId, changedRules(change));
      return { return: true };
    }),

    RevokeSecurityGroupIngress: operation(ruleChange, (change) => {
      groups.revoke(change.GroupId, changedRules(change));
      return { return: true };
    }),

    DeleteSecurityGroup: operation(v.object({ GroupId: v.string() }), ({ GroupId }) => {
      groups.remove(GroupId, interfaces.isGroupInUse(GroupId));
      return { return: true, groupId: GroupId };
    }),

    DescribeNetworkInterfaces: operation(v.object({ NetworkInterfaceId: idList, ...listing }), (input) => {
      const { items, nextToken } = describe(describableInterfaces(), input.NetworkInterfaceId, input);
      const nameOf = (groupId: string) => groups.all().find(({ id }) => id === groupId)?.name ?? '';
      return { networkInterfaceSet: items.map((item) => interfaces.describe(item, nameOf)), nextToken };
    }),

    CreateTags: operation(v.object({ ResourceId: taggedIds, Tag: tagList }), ({ ResourceId, Tag }) => {
      for (const group of ResourceId.map((id) => groups.get(id))) setTags(group.tags, Tag);
      return { return: true };
    }),

    DeleteTags: operation(v.object({ ResourceId: taggedIds, Tag: tagRemoval }), ({ ResourceId, Tag }) => {
      for (const group of ResourceId.map((id) => groups.get(id))) removeTags(group.tags, Tag);
      return { return: true };
    }),

    DescribeVpcs: operation(v.object({ VpcId: idList, ...listing }), (input) => {
      const { items, nextToken } = describe(describableVpcs(), input.VpcId, input);
      const vpcSet = items.map((vpc) => ({
        ...vpc,
        ownerId: context.accountId,
        state: 'available',
        isDefault: false,
        tagSet: [],
      }));
      return { vpcSet, nextToken };
    }),

    DescribeSubnets: operation(v.object({ SubnetId: idList, ...listing }), (input) => {
      const { items, nextToken } = describe(describableSubnets(), input.SubnetId, input);
      const subnetSet = items.map((subnet) => ({
        ...subnet,
        ownerId: context.accountId,
        state: 'available',
        mapPublicIpOnLaunch: true,
        tagSet: [],
      }));
      return { subnetSet, nextToken };
    }),
  };

  return {
    operations,
    network,
    groups,
    interfaces,
    addVpc(vpc) {
      network.vpcs.set(vpc.vpcId, vpc);
      groups.create({ name: 'default', description: 'default VPC security group', vpcId: vpc.vpcId, tags: noTags() });
    },
    addSubnet(subnet) {
      network.vpc(subnet.vpcId);
      network.subnets.set(subnet.subnetId, subnet);
    },
  };
}
