import type { Environment } from 'aws-cdk-lib';
import type { BastionsProps } from '../bastions-props.ts';
import { InvalidProps } from './invalid-props.ts';

/**
 * The account and region of the stack. Only a VPC whose subnets CDK must look up ties the stack to one.
 * @param variables of the CDK CLI, which takes CDK_DEFAULT_ACCOUNT and CDK_DEFAULT_REGION from the credentials
 * @throws InvalidProps when CDK needs them and they are missing.
 */
export function stackEnvironment(
  { vpcId, subnetIds }: Pick<BastionsProps, 'vpcId' | 'subnetIds'>,
  { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region }: NodeJS.ProcessEnv,
): Environment {
  if (vpcId === undefined || subnetIds !== undefined) return {};
  if (account !== undefined && region !== undefined) return { account, region };
  throw new InvalidProps([
    `setting vpcId: got ${JSON.stringify(vpcId)} without subnetIds, and no AWS credentials to look its subnets up with, ` +
      'expected the setting subnetIds beside it, or AWS credentials and a region',
  ]);
}
