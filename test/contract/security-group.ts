import {
  CreateSecurityGroupCommand,
  type CreateSecurityGroupCommandInput,
  DescribeSecurityGroupsCommand,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import { type Account, given, newName } from './account.ts';

/** Id of a new security group. */
export async function newGroup(
  { ec2 }: Account,
  vpcId: string,
  difference: Partial<CreateSecurityGroupCommandInput> = {},
): Promise<string> {
  const input = { GroupName: newName('bastion'), Description: 'a test', VpcId: vpcId, ...difference };
  return given((await ec2.send(new CreateSecurityGroupCommand(input))).GroupId, 'GroupId');
}

/** Rejects with InvalidGroup.NotFound when there is none. */
export async function describeGroup({ ec2 }: Account, id: string): Promise<SecurityGroup> {
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }));
  return given(SecurityGroups?.[0], 'SecurityGroups');
}
