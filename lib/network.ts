import { Stack, Tags, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { tags } from '../contracts/account.ts';
import { env } from '../contracts/stack.ts';
import { allow, notKept, ownerTagAlone } from './functions/permissions.ts';
import type { BastionsVpc } from './network-props.ts';
import { InvalidProps } from './settings/invalid-props.ts';
import { mostSubnets, type ResolvedProps } from './settings/rules.ts';

/**
 * The public subnets that bastions run in. A bastion has a public address of its own: a NAT gateway would cost more than two
 * thousand bastion-hours a month. The functions create and delete a security group for each session.
 * One group stays: it names the tasks of all sessions to what is behind them.
 */
export class Network extends Construct {
  /** The group that every task has beside its session's own. It has no rules that let anybody in. */
  readonly clientGroup: ec2.ISecurityGroup;
  private readonly vpcId: string;
  private readonly subnetIds: readonly string[];
  private readonly isOwnVpc: boolean;

  constructor(
    scope: Construct,
    id: string,
    { vpc, vpcId, subnetIds }: Pick<ResolvedProps, 'vpc' | 'vpcId' | 'subnetIds'>,
  ) {
    super(scope, id);
    this.isOwnVpc = vpc === undefined && vpcId === undefined;
    if (vpc !== undefined) {
      this.vpcId = vpc.vpcId;
      this.subnetIds = subnetIds ?? publicSubnetsOf(vpc, 'vpc', vpc.node.path);
    } else if (vpcId !== undefined) {
      this.vpcId = vpcId;
      this.subnetIds = subnetIds ?? publicSubnetsOf(ec2.Vpc.fromLookup(this, 'Vpc', { vpcId }), 'vpcId', vpcId);
    } else {
      ({ vpcId: this.vpcId, subnetIds: this.subnetIds } = this.ownVpc());
    }
    this.clientGroup = this.makeClientGroup();
  }

  /** Permission to see a task's public address, or which network interfaces use a security group. */
  grantObserve(fn: lambda.Function): void {
    allow(fn, { actions: ['ec2:DescribeNetworkInterfaces'], resources: ['*'], wildcard: describing });
  }

  /** Permission to list security groups, and to delete those of this stack. */
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

  /** Permission to change the addresses that the sessions' security groups allow. */
  grantChangeRules(fn: lambda.Function): void {
    allow(fn, {
      actions: ['ec2:AuthorizeSecurityGroupIngress', 'ec2:RevokeSecurityGroupIngress'],
      resources: [this.arn('security-group/*')],
      conditions: this.tagged,
      wildcard: ownGroups,
    });
  }

  /** Permission to create security groups in this VPC, with this stack's tag. */
  grantCreate(fn: lambda.Function): void {
    fn.addEnvironment(env.subnets, this.subnetIds.join(','));
    fn.addEnvironment(env.clientGroup, this.clientGroup.securityGroupId);
    // EC2 authorizes the action on the VPC and on the new group, with other condition keys for each.
    const resource = `vpc/${this.vpcId}`;
    allow(fn, {
      actions: ['ec2:CreateSecurityGroup'],
      ...(this.isOwnVpc
        ? { resources: [this.arn(resource)] }
        : {
            resources: [Stack.of(this).formatArn({ service: 'ec2', account: '*', resource })],
            wildcard:
              'A VPC that another account shares has that account in its ARN. The id names this VPC alone, in every account.',
          }),
    });
    allow(fn, {
      actions: ['ec2:CreateSecurityGroup'],
      resources: [this.arn('security-group/*')],
      conditions: { StringEquals: { [`aws:RequestTag/${tags.stack}`]: Stack.of(this).stackName } },
      wildcard: 'A group that does not exist yet has no id. It must carry the stack’s tag.',
    });
    // Without the condition the function could tag any group of the account, and so change and delete it.
    // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
    allow(fn, {
      actions: ['ec2:CreateTags'],
      resources: [this.arn('security-group/*')],
      conditions: { StringEquals: { 'ec2:CreateAction': 'CreateSecurityGroup' } },
      wildcard:
        'CreateSecurityGroup sets the tags of a group before its id is known. The condition excludes every other time.',
    });
  }

  /** Permission to name the owner of a group that was there before it had one, and to set no other tag. */
  grantTagOwners(fn: lambda.Function): void {
    allow(fn, {
      actions: ['ec2:CreateTags'],
      resources: [this.arn('security-group/*')],
      conditions: ownerTagAlone(this),
      wildcard: ownGroups,
    });
  }

  /**
   * The group has no tag of a session or of the stack, so that no function may change or delete it and the sweep does not list it.
   * Immutable, because a rule that lets somebody in would open every bastion at once.
   */
  private makeClientGroup(): ec2.ISecurityGroup {
    const { attrGroupId } = new ec2.CfnSecurityGroup(this, 'Clients', {
      groupDescription: `Every bastion and target of ${Stack.of(this).stackName}, for the rules of what they may reach`,
      vpcId: this.vpcId,
    });
    return ec2.SecurityGroup.fromSecurityGroupId(this, 'ClientGroup', attrGroupId, { mutable: false });
  }

  private get tagged() {
    return { StringEquals: { [`aws:ResourceTag/${tags.stack}`]: Stack.of(this).stackName } };
  }

  private arn(resource: string): string {
    return Stack.of(this).formatArn({ service: 'ec2', resource });
  }

  private ownVpc() {
    // Like logical ids, the names of the VPC and its subnets leave out the id `Default`.
    const vpcName = [...this.node.path.split('/').filter((id) => id !== 'Default'), 'Vpc'].join('/');
    const vpc = new ec2.Vpc(this, 'Vpc', {
      vpcName,
      // Fargate has capacity per zone. A start that finds none in the first zone tries again in the second.
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ name: 'Public', subnetType: ec2.SubnetType.PUBLIC, mapPublicIpOnLaunch: false }],
      // CDK would empty the default group with a custom resource, a function and a role. No interface here uses that group.
      restrictDefaultSecurityGroup: false,
    });
    for (const subnet of vpc.publicSubnets) Tags.of(subnet).add('Name', `${vpcName}/${subnet.node.id}`);
    Validations.of(vpc).acknowledge({
      id: 'AwsSolutions-VPC7',
      reason:
        'Flow logs cost by the bytes of people’s tunnels, and add little: the access log has each request with its caller and address, and the agents’ log has each login.',
    });
    return { vpcId: vpc.vpcId, subnetIds: vpc.publicSubnets.map((subnet) => subnet.subnetId) };
  }
}

/** @param prop names the VPC, and `value` is what it holds, for the message */
function publicSubnetsOf({ publicSubnets }: BastionsVpc, prop: string, value: string): readonly string[] {
  if (publicSubnets.length === 0) {
    throw new InvalidProps([
      `prop ${prop}: got ${JSON.stringify(value)}, which has no public subnet, expected a VPC with one`,
    ]);
  }
  return spread(publicSubnets).map((subnet) => subnet.subnetId);
}

/** As many subnets as a task takes: one of each zone first, then a second of each, and so on. */
function spread(subnets: readonly ec2.ISubnet[]): readonly ec2.ISubnet[] {
  const names = [...new Set(subnets.map(({ availabilityZone }) => availabilityZone))];
  const zones = names.map((name) => subnets.filter(({ availabilityZone }) => availabilityZone === name));
  const rounds = subnets.map((_, round) => zones.flatMap((zone) => zone.slice(round, round + 1)));
  return rounds.flat().slice(0, mostSubnets);
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html */
const describing = 'EC2 describe actions have no resources to name. They only read.';

const ownGroups =
  'Each session has a group of its own, whose id EC2 generates. The tag keeps every other group out of reach.';
