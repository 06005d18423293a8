import {
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupsCommand,
  type IpPermission,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { emulated, refusal } from './emulated.ts';

const ssh = (range: Partial<IpPermission>): IpPermission => ({ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, ...range });
const from4 = (CidrIp: string) => ssh({ IpRanges: [{ CidrIp }] });
const from6 = (CidrIpv6: string) => ssh({ Ipv6Ranges: [{ CidrIpv6 }] });

describe('security group rules', () => {
  test('are canonical, grouped by port, and have their descriptions', async () => {
    const { clock, ec2, createGroup } = emulated();
    const GroupId = await createGroup();
    const IpPermissions = [
      ssh({
        IpRanges: [{ CidrIp: '100.68.0.18/18', Description: 'office' }],
        Ipv6Ranges: [{ CidrIpv6: '2001:DB8:0::1/128' }],
      }),
      { IpProtocol: '17', FromPort: 53, ToPort: 53, IpRanges: [{ CidrIp: '10.0.0.0/8' }] },
    ];
    await clock.run(ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions })));
    const { SecurityGroups: [group] = [] } = await clock.run(
      ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] })),
    );
    expect(group?.IpPermissions).toMatchObject([
      {
        ...ssh({
          IpRanges: [{ CidrIp: '100.68.0.0/18', Description: 'office' }],
          Ipv6Ranges: [{ CidrIpv6: '2001:db8::1/128' }],
        }),
      },
      { IpProtocol: 'udp', FromPort: 53, ToPort: 53, IpRanges: [{ CidrIp: '10.0.0.0/8' }] },
    ]);
  });

  test.each([
    [
      'the same source again',
      [from4('198.51.100.4/32')],
      'InvalidPermission.Duplicate: the specified rule "peer: 198.51.100.4/32, TCP, from port: 22, to port: 22, ALLOW" already exists',
    ],
    ['the same source in another form', [from6('2001:db8:0:0::7/64')], 'InvalidPermission.Duplicate'],
    [
      'a new source beside an existing one',
      [from4('203.0.113.9/32'), from4('198.51.100.4/32')],
      'InvalidPermission.Duplicate',
    ],
    [
      'one source twice',
      [from4('203.0.113.9/32'), from4('203.0.113.9/32')],
      'InvalidParameterValue: The same permission must not appear',
    ],
    ['no address', [from4('somewhere')], 'InvalidParameterValue: CIDR block somewhere is malformed'],
    ['a prefix that is too long', [from4('198.51.100.4/33')], 'InvalidParameterValue'],
    ['IPv6 as IPv4', [from4('2001:db8::1/128')], 'InvalidParameterValue'],
    [
      'no ports',
      [{ IpProtocol: 'tcp', IpRanges: [{ CidrIp: '203.0.113.9/32' }] }],
      'Must specify both from and to ports',
    ],
    ['no source', [ssh({})], 'MissingParameter'],
    [
      'too many sources',
      Array.from({ length: 60 }, (_, host) => from4(`10.0.0.${host}/32`)),
      'RulesPerSecurityGroupLimitExceeded',
    ],
  ])('are not changed by a refused call with %s', async (_, IpPermissions, expected) => {
    const { clock, ec2, aws, createGroup } = emulated();
    const GroupId = await createGroup();
    const existingPermissions = [from4('198.51.100.4/32'), from6('2001:db8::/64')];
    await clock.run(
      ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: existingPermissions })),
    );
    const call = refusal(ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions })));
    expect(await clock.run(call)).toContain(expected);
    expect(aws.ec2.groups.get(GroupId).ingress.map(({ cidr }) => cidr.text)).toEqual([
      '198.51.100.4/32',
      '2001:db8::/64',
    ]);
  });

  test('are all revoked, or all kept', async () => {
    const { clock, ec2, aws, createGroup } = emulated();
    const GroupId = await createGroup();
    const sources = () => aws.ec2.groups.get(GroupId).ingress.map(({ cidr }) => cidr.text);
    const IpPermissions = [from4('198.51.100.4/32'), from4('203.0.113.9/32')];
    await clock.run(ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions })));
    const oneMissing = [from4('198.51.100.4/32'), from4('192.0.2.1/32')];
    expect(
      await clock.run(refusal(ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: oneMissing })))),
    ).toBe('InvalidPermission.NotFound: The specified rule does not exist in this security group.');
    expect(sources()).toHaveLength(2);
    await clock.run(
      ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: [from4('198.51.100.4/32')] })),
    );
    expect(sources()).toEqual(['203.0.113.9/32']);
  });

  test.each([
    ['198.51.100.4', 22, true],
    ['::ffff:198.51.100.4', 22, true],
    ['198.51.100.5', 22, false],
    ['198.51.100.4', 23, false],
    ['2001:db8::aaaa', 22, true],
    ['2001:db9::aaaa', 22, false],
    ['fe80::1%eth0', 22, false],
    ['not an address', 22, false],
  ])('allow a connection from %s to port %i: %s', async (sourceIp, port, expected) => {
    const { clock, ec2, aws, createGroup } = emulated();
    const GroupId = await createGroup();
    const IpPermissions = [from4('198.51.100.4/32'), from6('2001:db8::/64')];
    await clock.run(ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions })));
    expect(aws.ec2.groups.allows([GroupId], { protocol: 'tcp', port, sourceIp })).toBe(expected);
  });
});
