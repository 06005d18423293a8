import { type Environment, Stack, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { tags } from '../contracts/account.ts';
import { env } from '../contracts/stack.ts';
import { allow, notKept } from './functions/permissions.ts';
import type { Config } from './settings/config.ts';

/**
 * The account and region of the stack. Only a VPC whose subnets must be looked up ties it to one.
 * @param variables what the CDK CLI found out from the credentials: CDK_DEFAULT_ACCOUNT and CDK_DEFAULT_REGION.
 * @throws Error when they are needed and missing.
 */
export function stackEnvironment(
  { vpcId, subnetIds }: Pick<Config, 'vpcId' | 'subnetIds'>,
  { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region }: NodeJS.ProcessEnv,
): Environment {
  if (vpcId === undefined || subnetIds !== undefined) return {};
  if (account === undefined || region === undefined) {
    throw new Error(
      `setting vpcId: got ${JSON.stringify(vpcId)} without subnetIds, and no AWS credentials to look its subnets up with, ` +
        'expected the setting subnetIds beside it, or AWS credentials and a region',
    );
  }
  return { account, region };
}

/**
 * Where bastions run: public subnets, because a bastion has a public address of its own, and a NAT gateway would cost more
 * than two thousand bastion-hours a month. The security groups in it are made and removed per session, by the functions.
 */
export class Network extends Construct {
  private readonly vpcId: string;
  private readonly subnetIds: readonly string[];

  constructor(scope: Construct, id: string, config: Pick<Config, 'vpcId' | 'subnetIds'>) {
    super(scope, id);
    const { vpcId, subnetIds } = config;
    if (vpcId === undefined) {
      ({ vpcId: this.vpcId, subnetIds: this.subnetIds } = this.ownVpc());
    } else {
      this.vpcId = vpcId;
      this.subnetIds = subnetIds ?? this.publicSubnetsOf(vpcId);
    }
  }

  /** To see a task's public address, or what uses a security group. */
  grantObserve(fn: lambda.Function): void {
    allow(fn, { actions: ['ec2:DescribeNetworkInterfaces'], resources: ['*'], wildcard: describing });
  }

  /** To look at security groups, and delete this stack's. */
  grantRemove(fn: lambda.Function): void {
    const { stackName } = Stack.of(this);
    fn.addEnvironment(env.vpc, this.vpcId);
    fn.addEnvironment(env.stack, stackName);
    allow(fn, { actions: ['ec2:DescribeSecurityGroups'], resources: ['*'], wildcard: describing });
    allow(fn, {
      actions: ['ec2:DeleteSecurityGroup'],
      resources: [this.arn('security-group/*')],
      conditions: { ...this.tagged, ...notKept },
      wildcard: ownGroups,
    });
  }

  /** To change whom the sessions' security groups let in. */
  grantAdmit(fn: lambda.Function): void {
    allow(fn, {
      actions: ['ec2:AuthorizeSecurityGroupIngress', 'ec2:RevokeSecurityGroupIngress'],
      resources: [this.arn('security-group/*')],
      conditions: this.tagged,
      wildcard: ownGroups,
    });
  }

  /** To make security groups: in this VPC only, and only with this stack's tag. */
  grantCreate(fn: lambda.Function): void {
    fn.addEnvironment(env.subnets, this.subnetIds.join(','));
    // The action is authorized on the VPC and on the new group, which differ in the conditions they know.
    allow(fn, { actions: ['ec2:CreateSecurityGroup'], resources: [this.arn(`vpc/${this.vpcId}`)] });
    allow(fn, {
      actions: ['ec2:CreateSecurityGroup'],
      resources: [this.arn('security-group/*')],
      conditions: { StringEquals: { [`aws:RequestTag/${tags.stack}`]: Stack.of(this).stackName } },
      wildcard: 'A group that does not exist yet has no id; it must carry the stack’s tag.',
    });
    // Otherwise the function could tag any group of the account and so bring it within its own reach.
    // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
    allow(fn, {
      actions: ['ec2:CreateTags'],
      resources: [this.arn('security-group/*')],
      conditions: { StringEquals: { 'ec2:CreateAction': 'CreateSecurityGroup' } },
      wildcard: 'Tags are given while the group is made, before its id is known, and at no other time.',
    });
  }

  private get tagged() {
    return { StringEquals: { [`aws:ResourceTag/${tags.stack}`]: Stack.of(this).stackName } };
  }

  private arn(resource: string): string {
    return Stack.of(this).formatArn({ service: 'ec2', resource });
  }

  private ownVpc() {
    const vpc = new ec2.Vpc(this, 'Vpc', {
      // Fargate capacity is managed per zone, so a second one is where a start is tried again.
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ name: 'Public', subnetType: ec2.SubnetType.PUBLIC, mapPublicIpOnLaunch: false }],
      // Emptying the default group takes a custom resource, a function and a role; nothing here ever uses that group.
      restrictDefaultSecurityGroup: false,
    });
    Validations.of(vpc).acknowledge({
      id: 'AwsSolutions-VPC7',
      reason:
        'Flow logs cost by what people send through their tunnels, and add little: who asked for which bastion, from where, stands in the access log, and who logged in in the agents’ log.',
    });
    return { vpcId: vpc.vpcId, subnetIds: vpc.publicSubnets.map((subnet) => subnet.subnetId) };
  }

  private publicSubnetsOf(vpcId: string): readonly string[] {
    const { publicSubnets } = ec2.Vpc.fromLookup(this, 'Vpc', { vpcId });
    if (publicSubnets.length === 0) {
      throw new Error(
        `setting vpcId: got ${JSON.stringify(vpcId)}, which has no public subnet, expected a VPC with one`,
      );
    }
    return publicSubnets.map((subnet) => subnet.subnetId);
  }
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html */
const describing = 'EC2 describe actions know no resources; they only read.';

const ownGroups =
  'Each session has a group of its own, whose id AWS draws; the tag keeps every other group out of reach.';
