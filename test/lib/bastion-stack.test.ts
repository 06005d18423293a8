import { Match, type Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { agentKinds } from '../../contracts/agent.ts';
import { waitSeconds } from '../../contracts/api.ts';
import { entries } from '../../contracts/stack.ts';
import { passForMs } from '../../lambdas/core/end/reap.ts';
import { startLeaseMs } from '../../lambdas/core/session/session.ts';
import { acceptedWithinMs } from '../../lambdas/core/start/start-target.ts';
import { sweepForMs } from '../../lambdas/core/sweep/sweep.ts';
import { invocationForMs } from '../../lambdas/events/drain.ts';
import { signInSettings } from '../support/settings.ts';
import { synthesize } from './synthesize.ts';

let synthesis: Awaited<ReturnType<typeof synthesize>>;
let template: Template;

beforeAll(async () => {
  synthesis = await synthesize();
  ({ template } = synthesis);
});

const withSettings = async (settings: Record<string, string>) => (await synthesize(settings)).template;

describe('the whole stack', () => {
  it('has a reason for every finding of cdk-nag’s AwsSolutions', () => {
    expect(new AwsSolutionsChecks(synthesis.app).validateScope(synthesis.app).violations).toEqual([]);
  });

  it.each([
    ['a VPC of the user', { vpcId: 'vpc-0123abcd', subnetIds: 'subnet-0123abcd' }],
    ['a private image', { sshImage: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/bastion:1' }],
    ['a public image', { sshImage: 'ghcr.io/someone/bastion:1' }],
    ['no webhooks', { agents: 'ssh' }],
    ['an address for the alarms', { alarmEmail: 'ops@example.com' }],
    ['an address for the events', { eventEmail: 'team@example.com' }],
    ['a pool, and an end of idle bastions', { poolSize: '2', idleEnd: '30m' }],
    ['every kind of agent', { agents: agentKinds.join(',') }],
    ['people and jobs who sign in', signInSettings],
    ['the page alone', { page: 'true' }],
  ])('has no such finding with %s', async (_, settings) => {
    const { app } = await synthesize(settings);
    expect(new AwsSolutionsChecks(app).validateScope(app).violations).toEqual([]);
  });

  it('costs nothing between sessions: it has no NAT gateway and no provisioned capacity', () => {
    for (const type of ['AWS::EC2::NatGateway', 'AWS::EC2::EIP', 'AWS::ECS::Service', 'AWS::KMS::Key']) {
      template.resourceCountIs(type, 0);
    }
    template.allResourcesProperties('AWS::DynamoDB::Table', { BillingMode: 'PAY_PER_REQUEST' });
    template.hasResourceProperties('AWS::ECS::Cluster', {
      ClusterSettings: [{ Name: 'containerInsights', Value: 'disabled' }],
    });
  });

  it('deletes its tables and its secret when it is removed', () => {
    template.allResources('AWS::DynamoDB::Table', { DeletionPolicy: 'Delete' });
    template.allResources('AWS::SecretsManager::Secret', { DeletionPolicy: 'Delete' });
  });

  it.each(['Try', 'HostKeys'])('prints its URL, and the command %s', (name) => {
    template.hasOutput('ApiUrl', {});
    const [output] = Object.values(template.findOutputs(name));
    expect(JSON.stringify(output)).toContain('curl -K - --aws-sigv4 aws:amz:');
  });
});

describe('the session table', () => {
  it('has the keys and indexes of contracts/stack.ts', () => {
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      TimeToLiveSpecification: { AttributeName: 'purgeAt', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      GlobalSecondaryIndexes: [
        index('due', 'shard', 'reapAt'),
        index('history', 'kind', 'createdAt'),
        index('claim', 'claim', 'createdAt'),
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'shard', AttributeType: 'S' },
        { AttributeName: 'reapAt', AttributeType: 'N' },
        { AttributeName: 'kind', AttributeType: 'S' },
        { AttributeName: 'createdAt', AttributeType: 'N' },
        { AttributeName: 'claim', AttributeType: 'S' },
      ],
    });
  });

  const index = (name: string, hash: string, range: string) => ({
    IndexName: name,
    KeySchema: [
      { AttributeName: hash, KeyType: 'HASH' },
      { AttributeName: range, KeyType: 'RANGE' },
    ],
    Projection: { ProjectionType: 'ALL' },
  });
});

describe('the network', () => {
  it('is a small VPC with public subnets in two zones', () => {
    template.resourceCountIs('AWS::EC2::VPC', 1);
    template.resourceCountIs('AWS::EC2::Subnet', 2);
    template.resourceCountIs('AWS::EC2::InternetGateway', 1);
  });

  it('is the VPC and the subnets that the settings name', async () => {
    const named = await withSettings({ vpcId: 'vpc-0123abcd', subnetIds: 'subnet-0123abcd,subnet-4567abcd' });
    named.resourceCountIs('AWS::EC2::VPC', 0);
    named.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { VPC_ID: 'vpc-0123abcd', SUBNET_IDS: 'subnet-0123abcd,subnet-4567abcd' } },
    });
    // Another account may share the VPC, and then its ARN has that account.
    const anyAccounts = { 'Fn::Join': ['', Match.arrayWith([':*:vpc/vpc-0123abcd'])] };
    named.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([{ Effect: 'Allow', Action: 'ec2:CreateSecurityGroup', Resource: anyAccounts }]),
      },
    });
  });
});

describe('the functions', () => {
  it('are one for each entry but those of the pool and the page, on the same runtime', () => {
    template.resourceCountIs('AWS::Lambda::Function', entries.length - 2);
    template.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      LoggingConfig: { LogFormat: 'JSON' },
    });
  });

  it('include a sweeper and a drain with names that a caller knows', async () => {
    const mine = await withSettings({ stackName: 'Mine' });
    for (const FunctionName of ['Mine-sweeper', 'Mine-drain'])
      mine.hasResourceProperties('AWS::Lambda::Function', { FunctionName });
  });

  it('take no share of the account’s executions by default, because a new account refuses that', () => {
    template.allResourcesProperties('AWS::Lambda::Function', { ReservedConcurrentExecutions: Match.absent() });
  });

  it('that end sessions have executions of their own if a setting says so', async () => {
    const fns = Object.entries(
      (await withSettings({ reserveConcurrency: 'true' })).findResources('AWS::Lambda::Function'),
    );
    const reserved = fns.map(([id, { Properties }]) => [
      /^Functions(.*)Function/.exec(id)?.[1],
      Properties.ReservedConcurrentExecutions,
    ]);
    expect(reserved.filter(([, count]) => count !== undefined)).toEqual([
      ['Teardown', 5],
      ['Reaper', 1],
      ['TaskStopped', 5],
    ]);
  });

  describe('have a timeout', () => {
    const timeoutMs = (name: string): number => {
      const [fn] = Object.entries(synthesis.resources).filter(([id]) => id.startsWith(`Functions${name}Function`));
      return v.parse(v.number(), fn?.[1].Properties.Timeout) * 1000;
    };
    /** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
    const gatewayMs = 30_000;
    /** https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html */
    const mostMs = 900_000;

    it.each(['Start', 'Stop', 'Sessions', 'Health', 'WebhookStart', 'WebhookStop'])(
      'of %s that ends before API Gateway does',
      (name) => expect(timeoutMs(name)).toBeLessThan(gatewayMs),
    );

    it.each(['Start', 'WebhookStart'])(
      'of %s that ends before its start lease, after which it must create nothing',
      (name) => expect(timeoutMs(name) + 2 * 1000).toBeLessThan(startLeaseMs),
    );

    it.each([
      ['Start', waitSeconds.most * 1000],
      ['WebhookStart', acceptedWithinMs],
      ['Reaper', passForMs],
      ['Sweeper', sweepForMs],
      ['Drain', invocationForMs],
    ])('of %s longer than the %i ms that it works', (name, ms) => expect(timeoutMs(name)).toBeGreaterThan(ms));

    it.each(['Teardown', 'TaskStopped', 'Drain'])('of %s that Lambda allows', (name) =>
      expect(timeoutMs(name)).toBeLessThanOrEqual(mostMs),
    );
  });
});

describe('the API', () => {
  const signedRoutes = ['POST /', 'GET /', 'DELETE /', 'GET /known_hosts', 'GET /sessions'];
  const openRoutes = ['GET /health', 'POST /start', 'POST /stop'];

  it.each(signedRoutes)('requires a signature for %s', (route) => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Route', { RouteKey: route, AuthorizationType: 'AWS_IAM' });
  });

  it.each(openRoutes)('leaves %s without an authorizer', (route) => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Route', { RouteKey: route, AuthorizationType: 'NONE' });
  });

  it('has no other route', () => {
    template.resourceCountIs('AWS::ApiGatewayV2::Route', [...signedRoutes, ...openRoutes].length);
    template.allResourcesProperties('AWS::ApiGatewayV2::Integration', { PayloadFormatVersion: '2.0' });
  });

  it('throttles every route, and logs the caller of each request', async () => {
    const throttled = await withSettings({ rateLimit: '3', burstLimit: '4' });
    throttled.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 3, ThrottlingBurstLimit: 4 },
      AccessLogSettings: {
        Format: Match.serializedJson(
          Match.objectLike({ sourceIp: '$context.identity.sourceIp', caller: '$context.identity.userArn' }),
        ),
      },
    });
  });
});
