import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  DeleteTagsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  type IpPermission,
  RebootInstancesCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { emulated, refusal, subnetId, vpcId } from './emulated.ts';

const ssh = (range: Partial<IpPermission>): IpPermission => ({ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, ...range });
const from4 = (CidrIp: string) => ssh({ IpRanges: [{ CidrIp }] });
const from6 = (CidrIpv6: string) => ssh({ Ipv6Ranges: [{ CidrIpv6 }] });

describe('security groups', () => {
  test('a new group lets nothing in and everything out, and carries its tags', async () => {
    const { clock, ec2 } = emulated();
    const tag = { Key: 'bastion:session', Value: 'a <b> & "c"' };
    const created = await clock.run(
      ec2.send(
        new CreateSecurityGroupCommand({
          GroupName: 'Bastion-1',
          Description: 'for one session',
          VpcId: vpcId,
          TagSpecifications: [{ ResourceType: 'security-group', Tags: [tag] }],
        }),
      ),
    );
    expect(created).toMatchObject({ GroupId: expect.stringMatching(/^sg-0[0-9a-f]{16}$/), Tags: [tag] });
    const { SecurityGroups } = await clock.run(
      ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [created.GroupId ?? ''] })),
    );
    expect(SecurityGroups).toEqual([
      {
        GroupId: created.GroupId,
        GroupName: 'Bastion-1',
        Description: 'for one session',
        VpcId: vpcId,
        OwnerId: '000000000000',
        SecurityGroupArn: `arn:aws:ec2:us-east-1:000000000000:security-group/${created.GroupId}`,
        Tags: [tag],
        IpPermissions: [],
        IpPermissionsEgress: [
          {
            IpProtocol: '-1',
            IpRanges: [{ CidrIp: '0.0.0.0/0' }],
            Ipv6Ranges: [],
            PrefixListIds: [],
            UserIdGroupPairs: [],
          },
        ],
      },
    ]);
  });

  test.each([
    [{ GroupName: 'bastion-1' }, "InvalidGroup.Duplicate: The security group 'bastion-1' already exists for VPC"],
    [{ GroupName: 'BASTION-1' }, "InvalidGroup.Duplicate: The security group 'BASTION-1' already exists"],
    [{ GroupName: "o'neil" }, "InvalidParameterValue: Value (o'neil) for parameter groupName is invalid."],
    [{ GroupName: 'x'.repeat(256) }, 'InvalidParameterValue: Value (xxx'],
    [
      { GroupName: 'sg-mine' },
      'InvalidParameterValue: Value (sg-mine) for parameter groupName is invalid. The name is reserved.',
    ],
    [{ Description: 'für zwei' }, 'InvalidParameterValue: Value (für zwei) for parameter groupDescription is invalid.'],
    [{ Description: undefined }, 'MissingParameter: The request must contain the parameter GroupDescription'],
    [{ VpcId: 'vpc-none' }, "InvalidVpcID.NotFound: The vpc ID 'vpc-none' does not exist"],
    [{ VpcId: undefined }, 'VPCIdNotSpecified: No default VPC for this user'],
  ])('create with %o is refused', async (difference, expected) => {
    const { clock, ec2, createGroup } = emulated();
    await createGroup('bastion-1');
    const input = { GroupName: 'fine', Description: 'fine', VpcId: vpcId, ...difference };
    expect(await clock.run(refusal(ec2.send(new CreateSecurityGroupCommand(input))))).toContain(expected);
  });

  test('rules are kept canonical and come back grouped by port, with their descriptions', async () => {
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
    ['its non-canonical twin', [from6('2001:db8:0:0::7/64')], 'InvalidPermission.Duplicate'],
    [
      'a new source beside a known one',
      [from4('203.0.113.9/32'), from4('198.51.100.4/32')],
      'InvalidPermission.Duplicate',
    ],
    [
      'one source twice',
      [from4('203.0.113.9/32'), from4('203.0.113.9/32')],
      'InvalidParameterValue: The same permission must not appear',
    ],
    ['no address', [from4('somewhere')], 'InvalidPermission.Malformed: CIDR block somewhere is malformed'],
    ['a prefix too long', [from4('198.51.100.4/33')], 'InvalidPermission.Malformed'],
    ['IPv6 as IPv4', [from4('2001:db8::1/128')], 'InvalidPermission.Malformed'],
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
  ])('authorize refuses %s and changes nothing', async (_, IpPermissions, expected) => {
    const { clock, ec2, aws, createGroup } = emulated();
    const GroupId = await createGroup();
    const known = [from4('198.51.100.4/32'), from6('2001:db8::/64')];
    await clock.run(ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: known })));
    const refused = refusal(ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions })));
    expect(await clock.run(refused)).toContain(expected);
    expect(aws.ec2.groups.get(GroupId).ingress.map(({ cidr }) => cidr.text)).toEqual([
      '198.51.100.4/32',
      '2001:db8::/64',
    ]);
  });

  test('revoke takes away exactly the named sources, or nothing', async () => {
    const { clock, ec2, aws, createGroup } = emulated();
    const GroupId = await createGroup();
    const sources = () => aws.ec2.groups.get(GroupId).ingress.map(({ cidr }) => cidr.text);
    const IpPermissions = [from4('198.51.100.4/32'), from4('203.0.113.9/32')];
    await clock.run(ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions })));
    const unknown = [from4('198.51.100.4/32'), from4('192.0.2.1/32')];
    expect(
      await clock.run(refusal(ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: unknown })))),
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
  ])('a connection from %s to port %i: %s', async (sourceIp, port, expected) => {
    const { clock, ec2, aws, createGroup } = emulated();
    const GroupId = await createGroup();
    const IpPermissions = [from4('198.51.100.4/32'), from6('2001:db8::/64')];
    await clock.run(ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions })));
    expect(aws.ec2.groups.admits([GroupId], { protocol: 'tcp', port, sourceIp })).toBe(expected);
  });

  test.each([
    ['by name', { Filters: [{ Name: 'group-name', Values: ['bastion-a', 'bastion-c'] }] }, ['bastion-a', 'bastion-c']],
    [
      'by name with a wildcard',
      { Filters: [{ Name: 'group-name', Values: ['bastion-*'] }] },
      ['bastion-a', 'bastion-b', 'bastion-c'],
    ],
    ['by tag', { Filters: [{ Name: 'tag:owner', Values: ['ann'] }] }, ['bastion-a']],
    ['by tag key', { Filters: [{ Name: 'tag-key', Values: ['owner'] }] }, ['bastion-a', 'bastion-b']],
    [
      'by two filters',
      {
        Filters: [
          { Name: 'tag-key', Values: ['owner'] },
          { Name: 'group-name', Values: ['bastion-b'] },
        ],
      },
      ['bastion-b'],
    ],
    ['by VPC', { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] }, ['bastion-a', 'bastion-b', 'bastion-c', 'default']],
    ['by a VPC without any', { Filters: [{ Name: 'vpc-id', Values: ['vpc-none'] }] }, []],
  ])('are found %s', async (_, input, expected) => {
    const { clock, ec2, createGroup } = emulated();
    const [a, b] = [await createGroup('bastion-a'), await createGroup('bastion-b'), await createGroup('bastion-c')];
    await clock.run(ec2.send(new CreateTagsCommand({ Resources: [a, b], Tags: [{ Key: 'owner', Value: 'ann' }] })));
    await clock.run(ec2.send(new CreateTagsCommand({ Resources: [b], Tags: [{ Key: 'owner', Value: 'bob' }] })));
    const { SecurityGroups = [] } = await clock.run(ec2.send(new DescribeSecurityGroupsCommand(input)));
    expect(SecurityGroups.map(({ GroupName }) => GroupName).sort()).toEqual(expected);
  });

  test('tags can be taken off again', async () => {
    const { clock, ec2, aws, createGroup } = emulated();
    const id = await createGroup();
    const Tags = [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ];
    await clock.run(ec2.send(new CreateTagsCommand({ Resources: [id], Tags })));
    await clock.run(ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: [{ Key: 'a' }] })));
    expect([...aws.ec2.groups.get(id).tags]).toEqual([['b', '2']]);
  });

  test('come in pages, none lost when others are deleted meanwhile', async () => {
    const { clock, ec2, createGroup } = emulated();
    const ids = [];
    for (let number = 0; number < 12; number += 1) ids.push(await createGroup(`bastion-${number}`));
    const seen: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await clock.run(
        ec2.send(
          new DescribeSecurityGroupsCommand({ MaxResults: 5, ...(NextToken === undefined ? {} : { NextToken }) }),
        ),
      );
      const pageIds =
        page.SecurityGroups?.flatMap(({ GroupId = '', GroupName }) => (GroupName === 'default' ? [] : GroupId)) ?? [];
      seen.push(...pageIds);
      NextToken = page.NextToken;
      for (const GroupId of pageIds) await clock.run(ec2.send(new DeleteSecurityGroupCommand({ GroupId })));
    } while (NextToken !== undefined);
    expect(seen.sort()).toEqual(ids.sort());
  });

  test('what is new stays unknown for a while when AWS is eventually consistent', async () => {
    const { clock, ec2, createGroup } = emulated({ delays: { visibilityMs: 2000 } });
    const GroupId = await createGroup();
    const authorize = () =>
      ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [from4('198.51.100.4/32')] }));
    expect(await clock.run(refusal(authorize()))).toBe(
      `InvalidGroup.NotFound: The security group '${GroupId}' does not exist`,
    );
    await clock.advance(2000);
    expect(await clock.run(authorize())).toMatchObject({ Return: true });
  });
});

test.each([
  [
    'a missing group',
    new DescribeSecurityGroupsCommand({ GroupIds: ['sg-none'] }),
    "InvalidGroup.NotFound: The security group 'sg-none' does not exist",
  ],
  ['deleting a missing group', new DeleteSecurityGroupCommand({ GroupId: 'sg-none' }), 'InvalidGroup.NotFound'],
  ['tagging a missing group', new CreateTagsCommand({ Resources: ['sg-none'], Tags: [] }), 'InvalidGroup.NotFound'],
  [
    'a missing interface',
    new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: ['eni-none'] }),
    "InvalidNetworkInterfaceID.NotFound: The networkInterface ID 'eni-none' does not exist",
  ],
  ['a missing subnet', new DescribeSubnetsCommand({ SubnetIds: ['subnet-none'] }), 'InvalidSubnetID.NotFound'],
  [
    'ids and pages at once',
    new DescribeSecurityGroupsCommand({ GroupIds: ['sg-none'], MaxResults: 5 }),
    'InvalidParameterCombination',
  ],
  [
    'a page too small',
    new DescribeSecurityGroupsCommand({ MaxResults: 4 }),
    'InvalidParameterValue: Parameter MaxResults is not valid.',
  ],
  [
    'a strange token',
    new DescribeSecurityGroupsCommand({ NextToken: 'strange' }),
    'InvalidParameterValue: Unable to parse pagination token strange',
  ],
  [
    'an unknown filter',
    new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'colour', Values: ['red'] }] }),
    "InvalidParameterValue: The filter 'colour' is invalid",
  ],
  [
    'an operation that is not emulated',
    new RebootInstancesCommand({ InstanceIds: [] }),
    'InvalidAction: The emulated AWS has no ec2 operation RebootInstances.',
  ],
])('%s is refused', async (_, command, expected) => {
  const { clock, ec2 } = emulated();
  // The table mixes commands of different types, each of which fits the client.
  const send = ec2.send.bind(ec2) as (command: unknown) => Promise<unknown>;
  expect(await clock.run(refusal(send(command)))).toContain(expected);
});

test('the account shows the VPCs and subnets it was told about', async () => {
  const { clock, ec2 } = emulated();
  const { Vpcs } = await clock.run(ec2.send(new DescribeVpcsCommand({})));
  const { Subnets } = await clock.run(
    ec2.send(new DescribeSubnetsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpcId] }] })),
  );
  expect(Vpcs).toMatchObject([{ VpcId: vpcId, CidrBlock: '10.0.0.0/16', State: 'available' }]);
  expect(Subnets).toMatchObject([{ SubnetId: subnetId, VpcId: vpcId, AvailabilityZone: 'us-east-1a' }]);
});
