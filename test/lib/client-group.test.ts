import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { type IVpc, Peer, Port, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { beforeEach, describe, expect, it } from 'vitest';
import { BastionStack, Bastions } from '../../lib/index.ts';
import { bundles } from './synthesize.ts';

const clientGroup = { 'Fn::GetAtt': [Match.stringLikeRegexp('Clients'), 'GroupId'] };
const reaching = { IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432 };

let app: App;
let data: Stack;
let vpc: IVpc;
let database: SecurityGroup;

beforeEach(() => {
  app = new App({ analyticsReporting: false, builtinCloudFormationValidation: false });
  data = new Stack(app, 'Data');
  vpc = Vpc.fromVpcAttributes(data, 'Vpc', {
    vpcId: 'vpc-0123abcd',
    availabilityZones: ['eu-west-1a'],
    publicSubnetIds: ['subnet-0123abcd'],
  });
  database = new SecurityGroup(data, 'Database', { vpc });
});

describe('allowTo', () => {
  it('adds a rule to the group of a target in the same stack', () => {
    new Bastions(data, 'Bastions', { bundles, vpc }).allowTo(database, Port.tcp(5432));
    const template = Template.fromStack(data);
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 1);
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      ...reaching,
      GroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Database'), 'GroupId'] },
      SourceSecurityGroupId: clientGroup,
      Description: 'Bastions of Data',
    });
  });

  it('adds the rule to the stack of the bastions if the target is of another', () => {
    const stack = new BastionStack(app, 'Mine', { bundles, vpc });
    stack.bastions.allowTo(database, Port.tcp(5432));
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      ...reaching,
      GroupId: { 'Fn::ImportValue': Match.stringLikeRegexp('Database') },
      SourceSecurityGroupId: clientGroup,
    });
    Template.fromStack(data).resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
    expect(stack.dependencies).toEqual([data]);
  });

  it('refuses a target without a security group', () => {
    const bastions = new Bastions(data, 'Bastions', { bundles, vpc });
    expect(() => bastions.allowTo(Peer.ipv4('10.0.0.0/8'), Port.tcp(5432))).toThrow(
      'allowTo of Data/Bastions: got a target without a security group, expected one that has some',
    );
  });
});

describe('the client security group', () => {
  it('has no rules, and no way to add one', () => {
    const bastions = new Bastions(data, 'Bastions', { bundles, vpc });
    bastions.clientSecurityGroup.connections.allowFrom(database, Port.tcp(22));
    bastions.clientSecurityGroup.addIngressRule(Peer.anyIpv4(), Port.tcp(22));
    const template = Template.fromStack(data);
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
    template.hasResource('AWS::EC2::SecurityGroup', {
      Properties: {
        GroupDescription: Match.stringLikeRegexp('^Every bastion and target of Data'),
        SecurityGroupIngress: Match.absent(),
        Tags: Match.absent(),
      },
    });
  });

  it('is an output of the stack', () => {
    const stack = new BastionStack(app, 'Mine', { bundles, vpc });
    Template.fromStack(stack).hasOutput('ClientSecurityGroup', { Value: clientGroup });
  });
});
