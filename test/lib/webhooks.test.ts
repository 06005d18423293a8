import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { agentKinds } from '../../contracts/agent.ts';
import { entries } from '../../contracts/stack.ts';
import { synthesize } from './synthesize.ts';

const settings = {
  agents: agentKinds.join(','),
  ssmPackageUrl: 'https://example.org/ssm.deb',
  ssmPackageSha256: '0'.repeat(64),
  bzeroSsmPackageSource: 'https://example.org/bzero-ssm',
  bzeroSsmPackageSha256: '1'.repeat(64),
  bzeroPackageSource: 'https://example.org/bzero',
  bzeroPackageSha256: '2'.repeat(64),
  webhookTtl: '2d',
  webhookHmac: 'true',
};

let synthesis: Awaited<ReturnType<typeof synthesize>>;
let template: Template;

beforeAll(async () => {
  synthesis = await synthesize(settings);
  ({ template } = synthesis);
});

describe.each([
  ['ssm', 'ARM64', 'linux/arm64', settings.ssmPackageUrl, settings.ssmPackageSha256],
  ['bzero-ssm', 'X86_64', 'linux/amd64', settings.bzeroSsmPackageSource, settings.bzeroSsmPackageSha256],
  ['bzero', 'X86_64', 'linux/amd64', settings.bzeroPackageSource, settings.bzeroPackageSha256],
])('the %s agent', (kind, architecture, platform, packageUrl, checksum) => {
  it('is one container, which fetches its activation from the handoff table', () => {
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      RuntimePlatform: { CpuArchitecture: architecture, OperatingSystemFamily: 'LINUX' },
      TaskRoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^HandoffRole'), 'Arn'] },
      ContainerDefinitions: [
        {
          Name: kind,
          Essential: true,
          EntryPoint: [`/agent/target/${kind}/entrypoint.sh`],
          Environment: [
            { Name: 'HANDOFF_TABLE', Value: { Ref: Match.stringLikeRegexp('^HandoffTable') } },
            { Name: 'HANDOFF_ROLE_ID', Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('^HandoffRole'), 'RoleId'] } },
          ],
          StopTimeout: 15,
          LinuxParameters: {
            InitProcessEnabled: true,
            Capabilities: { Drop: Match.arrayWith(['MKNOD', 'NET_BIND_SERVICE', 'NET_RAW', 'SYS_CHROOT']) },
          },
        },
      ],
    });
  });

  it('is built with the package that the settings name', async () => {
    const { directory } = synthesis.app.synth();
    const manifest = JSON.parse(await readFile(join(directory, 'Bastions.assets.json'), 'utf8'));
    const images: { source: { directory: string; dockerBuildArgs: Record<string, string> } }[] = Object.values(
      manifest.dockerImages,
    );
    const image = images.find(({ source }) => source.dockerBuildArgs.KIND === kind);
    const dockerBuildArgs = { KIND: kind, PACKAGE_URL: packageUrl, PACKAGE_SHA256: checksum };
    expect(image).toMatchObject({ source: { platform, dockerBuildArgs } });
  });
});

describe('the handoff table', () => {
  it('has the key of contracts/agent.ts, and no backup', () => {
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      TimeToLiveSpecification: { AttributeName: 'purgeAt', Enabled: true },
      PointInTimeRecoverySpecification: Match.absent(),
      GlobalSecondaryIndexes: Match.absent(),
    });
  });
});

describe('the secret', () => {
  it('is generated at deployment: JSON with 44 letters and digits, which are Base64 too', () => {
    template.hasResourceProperties('AWS::SecretsManager::Secret', {
      GenerateSecretString: {
        SecretStringTemplate: '{}',
        GenerateStringKey: 'current',
        PasswordLength: 44,
        ExcludePunctuation: true,
      },
    });
  });
});

describe('the output', () => {
  const outputOf = (name: string) => synthesis.resolved.output(name);

  it.each([
    ['WebhookStartUrl', 'https://api.test/start'],
    ['WebhookStopUrl', 'https://api.test/stop'],
    ['WebhookHealthUrl', 'https://api.test/health'],
  ])('%s is a URL for the service', (name, url) => {
    expect(outputOf(name)).toBe(url);
  });

  it('ReadWebhookSecret reads the secret that WebhookSecretName names', () => {
    expect(outputOf('ReadWebhookSecret')).toBe(
      `aws secretsmanager get-secret-value --region eu-west-1 --secret-id ${outputOf('WebhookSecretName')} ` +
        '--query SecretString --output text | jq -r .current',
    );
    expect(outputOf('WebhookSecretName')).toMatch(/^WebhooksSecret/);
  });
});

describe('the webhook functions', () => {
  const environments = (from: Template): Record<string, unknown>[] =>
    Object.values(from.findResources('AWS::Lambda::Function')).map((fn) => fn.Properties.Environment.Variables);

  it('have the kinds of agents, the lifetime of a target, and whether HMAC signatures count', () => {
    const guarded = environments(template).filter((variables) => 'WEBHOOK_SECRET' in variables);
    expect(guarded.map((variables) => variables.WEBHOOK_HMAC)).toEqual(['true', 'true']);
    const start = guarded.find((variables) => 'AGENT_TASK_DEFINITIONS' in variables);
    expect(start).toMatchObject({ WEBHOOK_TTL_SECONDS: '172800' });
    expect(JSON.stringify(start)).toMatch(/"ssm=",.*",bzero-ssm=",.*",bzero=",/);
  });
});

describe('a stack without a kind that a webhook can start', () => {
  it('has no webhooks and no secret, and removes sessions the same way', async () => {
    const people = (await synthesize({ agents: 'ssh' })).template;
    people.resourceCountIs('AWS::ECS::TaskDefinition', 1);
    const ofPeople = entries.filter((entry) => !entry.startsWith('webhook-') && !['pool', 'web'].includes(entry));
    people.resourceCountIs('AWS::Lambda::Function', ofPeople.length);
    const routes = Object.values(people.findResources('AWS::ApiGatewayV2::Route'));
    expect(routes.map(({ Properties }) => Properties.RouteKey).sort()).toEqual([
      'DELETE /',
      'GET /',
      'GET /health',
      'GET /known_hosts',
      'GET /sessions',
      'POST /',
    ]);
    people.resourceCountIs('AWS::SecretsManager::Secret', 0);
    people.resourceCountIs('AWS::DynamoDB::Table', 2);
    expect(Object.keys(people.findOutputs('*')).sort()).toEqual(['ApiUrl', 'ClientSecurityGroup', 'HostKeys', 'Try']);
    people.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { HANDOFF_TABLE: Match.anyValue(), SSH_ROLE_ID: Match.anyValue() } },
    });
  });
});
