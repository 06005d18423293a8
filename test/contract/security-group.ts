import {
  CreateSecurityGroupCommand,
  type CreateSecurityGroupCommandInput,
  DescribeSecurityGroupsCommand,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import { type Account, newName, present } from './account.ts';

/** Makes a security group and returns its id. */
export async function newGroup(
  { ec2 }: Account,
  vpcId: string,
  difference: Partial<CreateSecurityGroupCommandInput> = {},
): Promise<string> {
  const input = { GroupName: newName('bastion'), Description: 'a test', VpcId: vpcId, ...difference };
  return present((await ec2.send(new CreateSecurityGroupCommand(input))).GroupId, 'GroupId');
}

/** Rejects with InvalidGroup.NotFound if the group does not exist. */
export async function describeGroup({ ec2 }: Account, id: string): Promise<SecurityGroup> {
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }));
  return present(SecurityGroups?.[0], 'SecurityGroups');
}
