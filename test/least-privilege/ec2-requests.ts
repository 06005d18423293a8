/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html */
import * as v from 'valibot';
import { type Account, arn, type Mapping, mapping, requestTags, tagContext } from './mapping.ts';

/** AWS authorizes describing on all resources at once. */
const describing =
  (action: string): Mapping =>
  () => [{ action, resource: '*', context: {} }];

const vpcArn = (account: Account, vpcId: string) => arn(account, 'ec2', `vpc/${vpcId}`);

/**
 * AWS authorizes it on the VPC, and on the new group, which has no id yet. With tags it authorizes their creation too.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
 */
const createSecurityGroup = mapping(
  v.object({
    VpcId: v.string(),
    TagSpecification: v.optional(
      v.array(v.object({ Tag: v.array(v.object({ Key: v.string(), Value: v.string() })) })),
      [],
    ),
  }),
  ({ VpcId, TagSpecification }, account) => {
    const tags = TagSpecification.flatMap(({ Tag }) => Tag.map(({ Key, Value }) => [Key, Value] as const));
    const [action, resource] = ['ec2:CreateSecurityGroup', arn(account, 'ec2', 'security-group/*')];
    const tagged = requestTags(tags);
    const onVpc = { action, resource: vpcArn(account, VpcId), context: { 'ec2:VpcID': VpcId } };
    if (tags.length === 0) return [onVpc, { action, resource, context: {} }];
    const tagging = { ...tagged, 'ec2:CreateAction': 'CreateSecurityGroup', 'ec2:Vpc': vpcArn(account, VpcId) };
    return [onVpc, { action, resource, context: tagged }, { action: 'ec2:CreateTags', resource, context: tagging }];
  },
);

/**
 * AWS authorizes changing and deleting on the group with its tags. A group that does not exist has no tags, so every policy of
 * ours denies it. The caller takes that denial for "not found" (lambdas/aws/ec2/eventual-consistency.ts).
 */
const onSecurityGroup = (action: string) =>
  mapping(v.object({ GroupId: v.string() }), ({ GroupId }, account) => {
    const group = account.findGroup(GroupId);
    if (group === undefined) return [];
    const context = { ...tagContext('ResourceTag', group.tags), 'ec2:Vpc': vpcArn(account, group.vpcId) };
    return [{ action, resource: arn(account, 'ec2', `security-group/${GroupId}`), context }];
  });

const createTags = mapping(
  v.object({ ResourceId: v.array(v.string()), Tag: v.array(v.object({ Key: v.string(), Value: v.string() })) }),
  ({ ResourceId, Tag }, account) =>
    ResourceId.flatMap((id) => {
      const group = account.findGroup(id);
      if (group === undefined) return [];
      const context = {
        ...requestTags(Tag.map(({ Key, Value }) => [Key, Value])),
        ...tagContext('ResourceTag', group.tags),
        'ec2:Vpc': vpcArn(account, group.vpcId),
      };
      return [{ action: 'ec2:CreateTags', resource: arn(account, 'ec2', `security-group/${id}`), context }];
    }),
);

export const ec2Requests: Readonly<Record<string, Mapping>> = {
  'ec2 CreateSecurityGroup': createSecurityGroup,
  'ec2 CreateTags': createTags,
  'ec2 AuthorizeSecurityGroupIngress': onSecurityGroup('ec2:AuthorizeSecurityGroupIngress'),
  'ec2 RevokeSecurityGroupIngress': onSecurityGroup('ec2:RevokeSecurityGroupIngress'),
  'ec2 DeleteSecurityGroup': onSecurityGroup('ec2:DeleteSecurityGroup'),
  'ec2 DescribeSecurityGroups': describing('ec2:DescribeSecurityGroups'),
  'ec2 DescribeNetworkInterfaces': describing('ec2:DescribeNetworkInterfaces'),
};
