import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  DeleteTagsCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { inProcess } from '../../emulator/in-process.ts';
import { accountId, arn, emulated, refusal, vpcId } from './emulated.ts';

describe('security groups', () => {
  test('allow nothing in and everything out at first, and have their tags', async () => {
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
        OwnerId: accountId,
        SecurityGroupArn: arn('ec2', `security-group/${created.GroupId}`),
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
  ])('are not created with %o', async (difference, expected) => {
    const { clock, ec2, createGroup } = emulated();
    await createGroup('bastion-1');
    const input = { GroupName: 'fine', Description: 'fine', VpcId: vpcId, ...difference };
    expect(await clock.run(refusal(ec2.send(new CreateSecurityGroupCommand(input))))).toContain(expected);
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
    ['by an unknown VPC, which has no group', { Filters: [{ Name: 'vpc-id', Values: ['vpc-none'] }] }, []],
  ])('are found %s', async (_, input, expected) => {
    const { clock, ec2, createGroup } = emulated();
    const [a, b] = [await createGroup('bastion-a'), await createGroup('bastion-b'), await createGroup('bastion-c')];
    await clock.run(ec2.send(new CreateTagsCommand({ Resources: [a, b], Tags: [{ Key: 'owner', Value: 'ann' }] })));
    await clock.run(ec2.send(new CreateTagsCommand({ Resources: [b], Tags: [{ Key: 'owner', Value: 'bob' }] })));
    const { SecurityGroups = [] } = await clock.run(ec2.send(new DescribeSecurityGroupsCommand(input)));
    expect(SecurityGroups.map(({ GroupName }) => GroupName).sort()).toEqual(expected);
  });

  test('lose a tag that is deleted', async () => {
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

  test.each([
    [Array.from({ length: 51 }, (_, number) => ({ Key: `k${number}`, Value: '' })), 'TagLimitExceeded'],
    [[{ Key: 'aws:mine', Value: '' }], "Tag keys starting with 'aws:' are reserved"],
    [[{ Key: 'k'.repeat(129), Value: '' }], 'InvalidParameterValue'],
  ])('refuse the tags %j', async (Tags, expected) => {
    const { clock, ec2, aws, createGroup } = emulated();
    const id = await createGroup();
    expect(await clock.run(refusal(ec2.send(new CreateTagsCommand({ Resources: [id], Tags }))))).toContain(expected);
    expect(aws.ec2.groups.get(id).tags.size).toBe(0);
  });

  test('come in pages that lose no group when others are deleted meanwhile', async () => {
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

  test('are unknown for a while if AWS is eventually consistent', async () => {
    const { clock, ec2, createGroup } = emulated({ delays: { visibilityMs: 2000 } });
    const GroupId = await createGroup();
    const remove = () => ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
    expect(await clock.run(refusal(remove()))).toBe(
      `InvalidGroup.NotFound: The security group '${GroupId}' does not exist`,
    );
    await clock.advance(2000);
    expect(await clock.run(remove())).toMatchObject({ Return: true });
  });

  test('show the rules before a change for a while, and allow by those after it at once', async () => {
    const { aws, clock, ec2, createGroup } = emulated({ delays: { rulesVisibleMs: 120_000 } });
    const GroupId = await createGroup();
    const permission = (CidrIp: string) => ({
      GroupId,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp }] }],
    });
    const shown = async () => {
      const { SecurityGroups } = await clock.run(ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] })));
      return SecurityGroups?.[0]?.IpPermissions?.flatMap(({ IpRanges = [] }) => IpRanges.map(({ CidrIp }) => CidrIp));
    };
    const allows = (sourceIp: string) => aws.ec2.groups.allows([GroupId], { protocol: 'tcp', port: 22, sourceIp });
    await clock.run(ec2.send(new AuthorizeSecurityGroupIngressCommand(permission('198.51.100.4/32'))));
    expect(allows('198.51.100.4')).toBe(true);
    expect(await shown()).toEqual([]);
    await clock.advance(60_000);
    await clock.run(ec2.send(new RevokeSecurityGroupIngressCommand(permission('198.51.100.4/32'))));
    expect(allows('198.51.100.4')).toBe(false);
    await clock.advance(60_000);
    expect(await shown()).toEqual(['198.51.100.4/32']);
    await clock.advance(60_000);
    expect(await shown()).toEqual([]);
  });

  const rule = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '198.51.100.4/32' }] };
  const rulesOf = (GroupId: string) => ({ GroupId, IpPermissions: [rule] });
  const changes: [string, (ec2: EC2Client, id: string) => Promise<unknown>][] = [
    ['allow a connection to', (ec2, id) => ec2.send(new AuthorizeSecurityGroupIngressCommand(rulesOf(id)))],
    ['close', (ec2, id) => ec2.send(new RevokeSecurityGroupIngressCommand(rulesOf(id)))],
    ['delete', (ec2, id) => ec2.send(new DeleteSecurityGroupCommand({ GroupId: id }))],
  ];

  test.each(changes)(
    'refuse a function that wants to %s a missing or invisible group, because its permissions depend on tags',
    async (_, change) => {
      const { aws, clock, createGroup } = emulated({ delays: { visibilityMs: 2000 } });
      const caller = 'ASIA0123456789ABCDEF';
      aws.lambda.registerFunction({ name: 'f', accessKeyId: caller, timeoutSeconds: 3, invoke: async () => {} });
      const ec2 = new EC2Client(inProcess(aws, clock, { caller, maxAttempts: 1 }));
      const outcome = (id: string) => clock.run(refusal(change(ec2, id)));
      const denied = `UnauthorizedOperation: User: arn:aws:sts::${accountId}:assumed-role/f/f is not authorized`;
      const id = await createGroup();
      expect(await outcome(id)).toContain(denied);
      expect(await outcome('sg-none')).toContain(denied);
      await clock.advance(2000);
      expect(await outcome(id)).not.toContain(denied);
    },
  );
});
