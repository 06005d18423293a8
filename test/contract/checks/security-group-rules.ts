import {
  AuthorizeSecurityGroupIngressCommand,
  type IpPermission,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { type Account, unknownId } from '../account.ts';
import { type Check, type Operation, outcomeOf } from '../check.ts';
import { describeGroup, newGroup } from '../security-group.ts';

const ssh = (range: Partial<IpPermission>): IpPermission => ({ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, ...range });
const from4 = (CidrIp: string) => ssh({ IpRanges: [{ CidrIp }] });
const from6 = (CidrIpv6: string) => ssh({ Ipv6Ranges: [{ CidrIpv6 }] });
const hosts = (count: number) => ({
  four: Array.from({ length: count }, (_, host) => from4(`10.0.0.${host}/32`)),
  six: Array.from({ length: count }, (_, host) => from6(`2001:db8::${host.toString(16)}/128`)),
});

const ann = '198.51.100.4/32';
const bob = '203.0.113.9/32';
const missingGroup = unknownId('sg');

const authorize = ({ ec2 }: Account, GroupId: string, ...IpPermissions: IpPermission[]) =>
  ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
const revoke = ({ ec2 }: Account, GroupId: string, ...IpPermissions: IpPermission[]) =>
  ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));

/** Returns the sources that the group allows, as `tcp 22-22 198.51.100.4/32`. */
async function sources(account: Account, group: string): Promise<string[]> {
  const { IpPermissions = [] } = await describeGroup(account, group);
  return IpPermissions.flatMap(({ IpProtocol, FromPort, ToPort, IpRanges = [], Ipv6Ranges = [] }) =>
    [...IpRanges.map(({ CidrIp }) => CidrIp), ...Ipv6Ranges.map(({ CidrIpv6 }) => CidrIpv6)].map(
      (cidr) => `${IpProtocol} ${FromPort}-${ToPort} ${cidr}`,
    ),
  ).sort();
}

/** Checks the outcome of an addition to a group that already allows `before`, and its sources afterwards. */
const adding = (
  before: readonly IpPermission[],
  added: readonly IpPermission[],
  aws: { readonly outcome: string; readonly sources: readonly string[] },
): Check => ({
  aws,
  async observe(account) {
    const group = await newGroup(account, (await account.network()).vpcId);
    if (before.length > 0) await authorize(account, group, ...before);
    return { outcome: await outcomeOf(authorize(account, group, ...added)), sources: await sources(account, group) };
  },
});

const accepted = (...list: string[]) => ({ outcome: 'accepted', sources: list });
const refused = (outcome: string, ...list: string[]) => ({ outcome, sources: list });

/** Checks the outcome of an addition, and the number of rules afterwards. */
const counting = (added: readonly IpPermission[], aws: { outcome: string; rules: number }): Check => ({
  aws,
  async observe(account) {
    const group = await newGroup(account, (await account.network()).vpcId);
    const outcome = await outcomeOf(authorize(account, group, ...added));
    return { outcome, rules: (await sources(account, group)).length };
  },
});

export const authorizeIngress: Operation = {
  name: 'EC2 AuthorizeSecurityGroupIngress',
  checks: {
    'allows a source': adding([], [from4(ann)], accepted(`tcp 22-22 ${ann}`)),
    'keeps the sources that were allowed before': adding(
      [from4(ann)],
      [from4(bob)],
      accepted(`tcp 22-22 ${ann}`, `tcp 22-22 ${bob}`),
    ),
    'drops the host bits of a block': adding([], [from4('100.68.0.18/18')], accepted('tcp 22-22 100.68.0.0/18')),
    'writes IPv6 in its short form': adding([], [from6('2001:DB8:0:0::7/128')], accepted('tcp 22-22 2001:db8::7/128')),
    'the same source again is refused': adding(
      [from4(ann)],
      [from4(ann)],
      refused('InvalidPermission.Duplicate 400', `tcp 22-22 ${ann}`),
    ),
    'the same block in another form is refused': adding(
      [from4('100.68.0.0/18')],
      [from4('100.68.0.18/18')],
      refused('InvalidPermission.Duplicate 400', 'tcp 22-22 100.68.0.0/18'),
    ),
    'a call with one existing source is refused as a whole': adding(
      [from4(ann)],
      [from4(bob), from4(ann)],
      refused('InvalidPermission.Duplicate 400', `tcp 22-22 ${ann}`),
    ),
    'one source twice in a call is refused': adding([], [from4(ann), from4(ann)], refused('InvalidParameterValue 400')),
    'a text that is not an address is refused': adding([], [from4('somewhere')], refused('InvalidParameterValue 400')),
    'a prefix that is too long is refused': adding(
      [],
      [from4('198.51.100.4/33')],
      refused('InvalidParameterValue 400'),
    ),
    'IPv6 in the place of IPv4 is refused': adding(
      [],
      [from4('2001:db8::1/128')],
      refused('InvalidParameterValue 400'),
    ),
    'TCP without ports is refused': adding(
      [],
      [{ IpProtocol: 'tcp', IpRanges: [{ CidrIp: ann }] }],
      refused('InvalidParameterValue 400'),
    ),
    'a permission without a source is refused': adding([], [ssh({})], refused('MissingParameter 400')),
    '60 IPv4 sources fit, and 60 of IPv6 beside them': counting([...hosts(60).four, ...hosts(60).six], {
      outcome: 'accepted',
      rules: 120,
    }),
    'a 61st source is refused': counting(hosts(61).four, {
      outcome: 'RulesPerSecurityGroupLimitExceeded 400',
      rules: 0,
    }),
    'allows a source of IPv6 with its description': adding(
      [],
      [ssh({ Ipv6Ranges: [{ CidrIpv6: '2001:db8::7/128', Description: 'home' }] })],
      accepted('tcp 22-22 2001:db8::7/128'),
    ),
    'an unknown group is refused': {
      aws: 'InvalidGroup.NotFound 400',
      observe: (account) => outcomeOf(authorize(account, missingGroup, from4(ann))),
    },
  },
};

/** Checks the outcome of a revocation in a group that allows Ann and Bob, and its sources afterwards. */
const revoking = (revoked: readonly IpPermission[], aws: ReturnType<typeof accepted>): Check => ({
  aws,
  async observe(account) {
    const group = await newGroup(account, (await account.network()).vpcId);
    await authorize(account, group, ssh({ IpRanges: [{ CidrIp: ann, Description: 'office' }, { CidrIp: bob }] }));
    return { outcome: await outcomeOf(revoke(account, group, ...revoked)), sources: await sources(account, group) };
  },
});

const bothSources = [`tcp 22-22 ${ann}`, `tcp 22-22 ${bob}`];

export const revokeIngress: Operation = {
  name: 'EC2 RevokeSecurityGroupIngress',
  checks: {
    'revokes one source and keeps the other': revoking([from4(bob)], accepted(`tcp 22-22 ${ann}`)),
    'revokes a rule without its description': revoking([from4(ann)], accepted(`tcp 22-22 ${bob}`)),
    'revokes a rule with its description': revoking(
      [ssh({ IpRanges: [{ CidrIp: ann, Description: 'office' }] })],
      accepted(`tcp 22-22 ${bob}`),
    ),
    'revokes a source of IPv6': {
      aws: [],
      async observe(account) {
        const group = await newGroup(account, (await account.network()).vpcId);
        const rule = ssh({ Ipv6Ranges: [{ CidrIpv6: '2001:db8::7/128', Description: 'home' }] });
        await authorize(account, group, rule);
        await revoke(account, group, rule);
        return sources(account, group);
      },
    },
    'an unknown source is refused': revoking(
      [from4('192.0.2.1/32')],
      refused('InvalidPermission.NotFound 400', ...bothSources),
    ),
    'a call with one unknown source is refused as a whole': revoking(
      [from4(ann), from4('192.0.2.1/32')],
      refused('InvalidPermission.NotFound 400', ...bothSources),
    ),
    'an existing source on another port is refused': revoking(
      [{ ...from4(ann), FromPort: 23, ToPort: 23 }],
      refused('InvalidPermission.NotFound 400', ...bothSources),
    ),
    'a second revocation is refused': {
      aws: 'InvalidPermission.NotFound 400',
      async observe(account) {
        const group = await newGroup(account, (await account.network()).vpcId);
        await authorize(account, group, from4(ann));
        await revoke(account, group, from4(ann));
        return outcomeOf(revoke(account, group, from4(ann)));
      },
    },
    'an unknown group is refused': {
      aws: 'InvalidGroup.NotFound 400',
      observe: (account) => outcomeOf(revoke(account, missingGroup, from4(ann))),
    },
  },
};
