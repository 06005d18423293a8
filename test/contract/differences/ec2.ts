import type { Difference, Differences } from './difference.ts';

const page = (name: string) => `https://docs.aws.amazon.com/AWSEC2/latest/APIReference/${name}.html` as const;
const errors = page('errors-overview');

/** Makes the difference of a call that moto accepts and AWS refuses. */
const acceptedByMoto = (fact: string, source: Difference['source']): Difference => ({ moto: 'accepted', fact, source });

const nameRule =
  'Up to 255 characters out of a-z, A-Z, 0-9, spaces and ._-:/()#,@[]+=&;{}!$*, without sg- at the start.';
const canonical = 'AWS stores CIDR blocks in their canonical form, and treats other forms as equal.';
const oneChange = 'AWS says of Revoke that a refused call changes no rule. The same is assumed of Authorize.';
const ruleQuota = 'https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html';
const pages = 'MaxResults limits each page, from 5 to 1000, and NextToken leads to the next.';
const untilDeleted = 'A task’s interface keeps the group until ECS has deleted it, before the task is STOPPED.';
const taskLife = 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html';

export const ec2Differences: Differences = {
  'EC2 CreateSecurityGroup': {
    'returns the id, the ARN and the tags': {
      moto: { hasId: true, arnNamesId: true, Tags: undefined },
      fact: 'The answer has a tagSet.',
      source: page('API_CreateSecurityGroup'),
    },
    'a name in other letter case is refused as the same name': acceptedByMoto(
      'Names are case-insensitive.',
      page('API_CreateSecurityGroup'),
    ),
    'an unknown VPC is refused': acceptedByMoto('InvalidVpcID.NotFound: the VPC does not exist.', errors),
    'a name that looks like an id is refused': acceptedByMoto(nameRule, page('API_CreateSecurityGroup')),
    'an apostrophe in the name is refused': acceptedByMoto(nameRule, page('API_CreateSecurityGroup')),
    'a name of 256 characters is refused': acceptedByMoto(nameRule, page('API_CreateSecurityGroup')),
    'a letter beyond ASCII in the description is refused': acceptedByMoto(
      'A description has the characters and the length of a name.',
      page('API_CreateSecurityGroup'),
    ),
    'tags of another kind of resource are refused': acceptedByMoto(
      'Tags on creation go to the kind of resource that is created.',
      page('API_TagSpecification'),
    ),
    'tags that start with aws: are refused': acceptedByMoto('A key may not begin with aws:.', page('API_Tag')),
  },
  'EC2 DescribeSecurityGroups': {
    'an unknown filter is refused': {
      moto: 'broke down',
      fact: 'InvalidParameterValue: a value specified in a parameter is not valid.',
      source: errors,
    },
    'pages of fewer than 5 are refused': acceptedByMoto(pages, page('API_DescribeSecurityGroups')),
    'pages of more than 1000 are refused': acceptedByMoto(pages, page('API_DescribeSecurityGroups')),
    'pages have each group once': {
      moto: { sizes: [8], different: 8 },
      fact: pages,
      source: page('API_DescribeSecurityGroups'),
    },
  },
  'EC2 AuthorizeSecurityGroupIngress': {
    'drops the host bits of a block': {
      moto: { outcome: 'accepted', sources: ['tcp 22-22 100.68.0.18/18'] },
      fact: canonical,
      source: page('API_IpRange'),
    },
    'writes IPv6 in its short form': {
      moto: { outcome: 'accepted', sources: ['tcp 22-22 2001:DB8:0:0::7/128'] },
      fact: canonical,
      source: page('API_Ipv6Range'),
    },
    'the same block in another form is refused': {
      moto: { outcome: 'accepted', sources: ['tcp 22-22 100.68.0.0/18', 'tcp 22-22 100.68.0.18/18'] },
      fact: canonical,
      source: page('API_IpRange'),
    },
    'a call with one existing source is refused as a whole': {
      moto: {
        outcome: 'InvalidPermission.Duplicate 400',
        sources: ['tcp 22-22 198.51.100.4/32', 'tcp 22-22 203.0.113.9/32'],
      },
      fact: oneChange,
      source: page('API_RevokeSecurityGroupIngress'),
    },
    'one source twice in a call is refused': {
      moto: { outcome: 'InvalidPermission.Duplicate 400', sources: ['tcp 22-22 198.51.100.4/32'] },
      fact: 'InvalidPermission.Duplicate is for rules that the group already has. A rule twice in one request is not valid.',
      source: errors,
    },
    'TCP without ports is refused': {
      moto: { outcome: 'broke down', sources: [] },
      fact: 'TCP and UDP require a port or a range of ports.',
      source: page('API_AuthorizeSecurityGroupIngress'),
    },
    'a permission without a source is refused': {
      moto: { outcome: 'accepted', sources: [] },
      fact: 'A permission requires exactly one source: an address range, a prefix list or a group.',
      source: page('API_AuthorizeSecurityGroupIngress'),
    },
    '60 IPv4 sources fit, and 60 of IPv6 beside them': {
      moto: { outcome: 'RulesPerSecurityGroupLimitExceeded 400', rules: 60 },
      fact: 'The quota of 60 is enforced separately for IPv4 and IPv6.',
      source: ruleQuota,
    },
    'a 61st source is refused': {
      moto: { outcome: 'RulesPerSecurityGroupLimitExceeded 400', rules: 60 },
      fact: oneChange,
      source: page('API_RevokeSecurityGroupIngress'),
    },
  },
  'EC2 AuthorizeSecurityGroupIngress (one rule)': {
    'refuses a rule in both forms': {
      moto: { outcome: 'accepted', sources: ['203.0.113.9/32'] },
      fact: 'InvalidParameterCombination: parameters that cannot be used together.',
      source: errors,
    },
    'refuses a rule without a source': {
      moto: { outcome: 'accepted', sources: [] },
      fact: 'MissingParameter: the request lacks a required parameter.',
      source: errors,
    },
    'refuses a change without a rule': {
      moto: { outcome: 'accepted', sources: [] },
      fact: 'MissingParameter: the request lacks a required parameter.',
      source: errors,
    },
  },
  'EC2 DeleteTags': {
    'removes every tag if none is named': {
      moto: ['bastion:owner', 'bastion:stack'],
      fact: 'A request without tags deletes all tags that users have made.',
      source: page('API_DeleteTags'),
    },
  },
  'EC2 DescribeVpcs': {
    'pages have each VPC once': {
      moto: { sizes: [6], different: 6 },
      fact: pages,
      source: page('API_DescribeVpcs'),
    },
  },
  'EC2 DescribeSubnets': {
    'pages have each subnet once': {
      moto: { sizes: [6], different: 6 },
      fact: pages,
      source: page('API_DescribeSubnets'),
    },
  },
  'EC2 RevokeSecurityGroupIngress': {
    'a call with one unknown source is refused as a whole': {
      moto: { outcome: 'InvalidPermission.NotFound 400', sources: ['tcp 22-22 203.0.113.9/32'] },
      fact: 'In a VPC that is not the default one, InvalidPermission.NotFound means that no rules are revoked.',
      source: page('API_RevokeSecurityGroupIngress'),
    },
  },
  'EC2 DeleteSecurityGroup': {
    'the group does not exist afterwards': {
      moto: { return: undefined, namesIt: false, afterwards: 'InvalidGroup.NotFound 400' },
      fact: 'The answer has a return, true when the request succeeds, and the id of the group.',
      source: page('API_DeleteSecurityGroup'),
    },
  },
  'EC2 DeleteSecurityGroup (in use)': {
    'a running task keeps its group in use': acceptedByMoto(
      'Deleting a group that is associated with a network interface fails with DependencyViolation.',
      page('API_DeleteSecurityGroup'),
    ),
    'a stopping task keeps its group in use until it is STOPPED': {
      moto: { atFirst: 'accepted', atLast: 'InvalidGroup.NotFound 400', taskThen: 'STOPPED' },
      fact: untilDeleted,
      source: taskLife,
    },
  },
  'EC2 DescribeNetworkInterfaces': {
    'an interface has a public address if the task asked for one': {
      moto: false,
      fact: 'With assignPublicIp ENABLED the interface of a task in a public subnet gets a public address.',
      source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html',
    },
    'a STOPPED task has no interface': {
      moto: { lastStatus: 'STOPPED', interfaces: 1 },
      fact: 'In DEPROVISIONING, before STOPPED, the interface is detached and deleted.',
      source: taskLife,
    },
    'ids together with a page size are refused': {
      moto: 'InvalidNetworkInterfaceID.NotFound 400',
      fact: 'MaxResults and the interface ids can’t be in the same request.',
      source: page('API_DescribeNetworkInterfaces'),
    },
    'pages have each interface once': {
      moto: { sizes: [7], different: 7 },
      fact: pages,
      source: page('API_DescribeNetworkInterfaces'),
    },
  },
};
