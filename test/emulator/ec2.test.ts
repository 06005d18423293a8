import {
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  RebootInstancesCommand,
} from '@aws-sdk/client-ec2';
import { expect, test } from 'vitest';
import { emulated, refusal, subnetId, vpcId } from './emulated.ts';

test.each([
  [
    'a missing group',
    new DescribeSecurityGroupsCommand({ GroupIds: ['sg-none'] }),
    "InvalidGroup.NotFound: The security group 'sg-none' does not exist",
  ],
  ['the deletion of a missing group', new DeleteSecurityGroupCommand({ GroupId: 'sg-none' }), 'InvalidGroup.NotFound'],
  [
    'tags of a missing group',
    new CreateTagsCommand({ Resources: ['sg-none'], Tags: [{ Key: 'a' }] }),
    'InvalidGroup.NotFound',
  ],
  [
    'a missing interface',
    new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: ['eni-none'] }),
    "InvalidNetworkInterfaceID.NotFound: The networkInterface ID 'eni-none' does not exist",
  ],
  ['a missing subnet', new DescribeSubnetsCommand({ SubnetIds: ['subnet-none'] }), 'InvalidSubnetID.NotFound'],
  [
    'ids together with a page size',
    new DescribeSecurityGroupsCommand({ GroupIds: ['sg-none'], MaxResults: 5 }),
    'InvalidParameterCombination',
  ],
  [
    'a page that is too small',
    new DescribeSecurityGroupsCommand({ MaxResults: 4 }),
    'InvalidParameterValue: Parameter MaxResults is not valid.',
  ],
  [
    'an unknown pagination token',
    new DescribeSecurityGroupsCommand({ NextToken: 'strange' }),
    'InvalidParameterValue: Unable to parse pagination token strange',
  ],
  [
    'an unknown filter',
    new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'colour', Values: ['red'] }] }),
    "InvalidParameterValue: The filter 'colour' is invalid",
  ],
  [
    'a filter that is not emulated',
    new DescribeVpcsCommand({ Filters: [{ Name: 'is-default', Values: ['true'] }] }),
    'NotEmulated: The emulated AWS has no filter is-default of ec2 DescribeVpcs.',
  ],
  [
    'tags without a tag',
    new CreateTagsCommand({ Resources: ['sg-none'], Tags: [] }),
    'MissingParameter: The request must contain the parameter Tag',
  ],
  [
    'an operation that is not emulated',
    new RebootInstancesCommand({ InstanceIds: [] }),
    'InvalidAction: The emulated AWS has no operation ec2 RebootInstances.',
  ],
])('EC2 refuses %s', async (_, command, expected) => {
  const { clock, ec2 } = emulated();
  // The table has commands of different types. Each of them fits the client.
  const send = ec2.send.bind(ec2) as (command: unknown) => Promise<unknown>;
  expect(await clock.run(refusal(send(command)))).toContain(expected);
});

test('EC2 shows the VPCs and subnets of the account', async () => {
  const { clock, ec2 } = emulated();
  const { Vpcs } = await clock.run(ec2.send(new DescribeVpcsCommand({})));
  const { Subnets } = await clock.run(
    ec2.send(new DescribeSubnetsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpcId] }] })),
  );
  expect(Vpcs).toMatchObject([{ VpcId: vpcId, CidrBlock: '10.0.0.0/16', State: 'available' }]);
  expect(Subnets).toMatchObject([{ SubnetId: subnetId, VpcId: vpcId, AvailabilityZone: 'us-east-1a' }]);
});
