import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSettings, settings } from '../../lib/settings/settings.ts';
import { stackEnvironment } from '../../lib/settings/stack-environment.ts';
import { root } from './synthesize.ts';

const defaults = Object.fromEntries(Object.entries(settings).map(([name, setting]) => [name, setting.default]));

describe('the settings', () => {
  it('have defaults that make a whole deployment', () => {
    const { defaultTtl, maxTtl, maxLifetime, webhookTtl, poolMaxAge, ...others } = readSettings({});
    const durations = [defaultTtl, maxTtl, maxLifetime, webhookTtl, poolMaxAge];
    expect(durations.map((duration) => duration.toSeconds())).toEqual([3600, 28_800, 86_400, 604_800, 14_400]);
    expect(others).toEqual({
      stackName: 'Bastions',
      agents: ['ssh', 'ssm'],
      webhookHmac: false,
      sshPort: 22,
      sshLogin: 'bastion',
      cpu: 256,
      memoryMiB: 512,
      maxSessions: 20,
      maxTargets: 20,
      admins: [],
      oidcScopes: [],
      oidcUserClaim: 'email',
      oidcAdmins: [],
      oidcGroups: [],
      oidcGroupsClaim: 'groups',
      oidcRoles: ['AWSReservedSSO_*'],
      poolSize: 0,
      poolHours: 'always',
      logRetention: 90,
      deleteLogs: false,
      page: false,
      dashboard: false,
      rateLimit: 10,
      burstLimit: 20,
      reserveConcurrency: false,
    });
  });

  it('have defaults that a deployer can type', () => {
    expect(defaults).toMatchObject({
      agents: 'ssh,ssm',
      defaultTtl: '1h',
      maxLifetime: '24h',
      webhookTtl: '7d',
      vpcId: '',
    });
    expect(readSettings(defaults)).toEqual(readSettings({}));
  });

  it('have a description in one line each', () => {
    for (const [name, { description }] of Object.entries(settings)) {
      expect(description, name).toMatch(/^[A-Z`].{20,160}\.$/);
    }
  });

  it.each([
    [
      { cpu: 1024, memoryMiB: 2048 },
      { cpu: 1024, memoryMiB: 2048 },
    ],
    [{ sshPort: '2222' }, { sshPort: 2222 }],
    [{ sshPort: '20000-20999' }, { sshPort: { first: 20_000, last: 20_999 } }],
    [{ sshLogin: 'john.doe' }, { sshLogin: 'john.doe' }],
    [{ sshLogin: 'JDoe-2_x' }, { sshLogin: 'JDoe-2_x' }],
    [{ sshLogin: '4711' }, { sshLogin: '4711' }],
    [{ sshLogin: 'john@corp.example.com' }, { sshLogin: 'john@corp.example.com' }],
    [{ sshLogin: 'j'.repeat(64) }, { sshLogin: 'j'.repeat(64) }],
    [
      { vpcId: 'vpc-0123abcd', subnetIds: 'subnet-0123abcd, subnet-4567abcd' },
      { subnetIds: ['subnet-0123abcd', 'subnet-4567abcd'] },
    ],
    [{ admins: 'arn:aws:sts::*:assumed-role/*Admin*/*' }, { admins: ['arn:aws:sts::*:assumed-role/*Admin*/*'] }],
    [{ admins: 'arn:aws:iam::123456789012:user/ops-*' }, { admins: ['arn:aws:iam::123456789012:user/ops-*'] }],
    [{ sshImage: 'ghcr.io/someone/bastion:1@sha256:00ff' }, { sshImage: 'ghcr.io/someone/bastion:1@sha256:00ff' }],
    [{ logRetentionDays: '7' }, { logRetention: 7 }],
    [{ agents: 'ssh' }, { agents: ['ssh'] }],
    [{ agents: 'bzero, ssh' }, { agents: ['bzero', 'ssh'] }],
    [{ agents: ['ssh', 'ssm'] }, { agents: ['ssh', 'ssm'] }],
    [{ alarmEmail: 'on-call+bastions@ops.example.com' }, { alarmEmail: 'on-call+bastions@ops.example.com' }],
    [{ webhookHmac: 'true' }, { webhookHmac: true }],
    [{ webhookHmac: true }, { webhookHmac: true }],
    [{ imageUpdates: '2026-11' }, { imageUpdates: '2026-11' }],
    [
      { poolSize: '19', poolHours: ' always' },
      { poolSize: 19, poolHours: 'always' },
    ],
    [
      { poolSize: '1', poolHours: 'Mon-Thu 08:00-18:00,  Fri 08:00-15:00 Europe/Berlin' },
      { poolHours: 'Mon-Thu 08:00-18:00, Fri 08:00-15:00 Europe/Berlin' },
    ],
    [{ ssmPackageUrl: 'https://example.org/ssm.deb' }, { ssmPackageUrl: 'https://example.org/ssm.deb' }],
  ])('understand %j', (context, expected) => {
    expect(readSettings(context)).toMatchObject(expected);
  });

  it.each([
    [{ stackName: '1st' }, 'setting stackName: got "1st", expected at most 56 letters, digits and hyphens'],
    [{ vpcId: 'main' }, 'setting vpcId: got "main", expected a VPC id'],
    [
      { vpcId: 'vpc-0123abcd', subnetIds: 'subnet-0123abcd,' },
      /^setting subnetIds: got "subnet-0123abcd,", expected subnet ids such as subnet-\w+, separated by commas$/,
    ],
    [
      { subnetIds: 'subnet-0123abcd' },
      'setting subnetIds: got "subnet-0123abcd", expected the setting vpcId beside it',
    ],
    [{ agents: 'ssm' }, 'setting agents: got "ssm", expected ssh among them'],
    [{ agents: 'ssh,ssm,ssh' }, 'setting agents: got "ssh,ssm,ssh", expected some of ssh, ssm, bzero-ssm, bzero, each'],
    [{ agents: 'ssh,vnc' }, 'setting agents: got "ssh,vnc", expected some of'],
    [{ bzeroImage: 'a/b:1' }, 'setting bzeroImage: got "a/b:1", expected bzero in the setting agents'],
    [
      { bzeroSsmPackageSource: 'https://example.org/' },
      'setting bzeroSsmPackageSource: got "https://example.org/", expected bzero-ssm in the setting agents',
    ],
    [{ agents: 'ssh', ssmImage: 'a/b:1' }, 'setting ssmImage: got "a/b:1", expected ssm in the setting agents'],
    [
      { ssmImage: 'a/b:1', ssmPackageUrl: 'https://example.org/ssm.deb' },
      'setting ssmPackageUrl: got "https://example.org/ssm.deb", expected nothing, because the setting ssmImage names',
    ],
    [{ ssmPackageUrl: 'ssm.deb' }, 'setting ssmPackageUrl: got "ssm.deb", expected an https URL'],
    [{ ssmPackageSha256: 'abc' }, 'setting ssmPackageSha256: got "abc", expected a SHA-256 checksum'],
    [{ ssmPackageSha256: 'a'.repeat(64) }, 'expected the setting ssmPackageUrl beside it'],
    [{ bzeroPackageSha256: 'a'.repeat(64) }, 'expected the setting bzeroPackageSource beside it'],
    [{ imageUpdates: 'latest' }, 'setting imageUpdates: got "latest", expected a month such as 2026-11'],
    [{ imageUpdates: '2026-13' }, 'setting imageUpdates: got "2026-13", expected a month such as 2026-11'],
    [{ webhookTtl: '0d' }, 'setting webhookTtl: got "0d", expected a number of seconds, minutes, hours or days'],
    [{ webhookTtl: '400d' }, 'setting webhookTtl: got "400d", expected a number of seconds, minutes, hours or days'],
    [{ webhookPath: 'short' }, 'setting webhookPath: got "short", expected 20 to 64 letters, digits, _ and -'],
    [{ webhookPath: `${'a'.repeat(20)}/b` }, 'expected 20 to 64 letters, digits, _ and -'],
    [{ agents: 'ssh', webhookPath: 'a'.repeat(20) }, 'expected a kind that webhooks start in the setting agents'],
    [{ webhookHmac: 'yes' }, 'setting webhookHmac: got "yes", expected true or false'],
    [{ sshImage: 'two words' }, 'setting sshImage: got "two words", expected an image reference'],
    [{ sshImage: 'a/b:1', sshBaseImage: 'debian' }, 'setting sshBaseImage: got "debian", expected nothing'],
    [{ sshPort: '0' }, 'setting sshPort: got "0", expected a port'],
    [{ sshPort: '30-20' }, 'setting sshPort: got "30-20", expected a port'],
    [{ sshPort: '22-70000' }, /^setting sshPort: got "22-70000", expected a port .* such as 22 or 20000-20999$/],
    [{ sshLogin: 'Root User' }, 'setting sshLogin: got "Root User", expected a login of at most 64 letters'],
    [{ sshLogin: '-oProxyCommand=x' }, 'setting sshLogin: got "-oProxyCommand=x", expected a login'],
    [{ sshLogin: '@corp' }, 'setting sshLogin: got "@corp", expected a login'],
    [{ sshLogin: 'j'.repeat(65) }, 'expected a login of at most 64 letters'],
    [{ cpu: '300' }, 'setting cpu: got "300", expected a Fargate size'],
    [{ cpu: '256', memoryMiB: '4096' }, 'setting memoryMiB: got "4096", expected for cpu 256 one of 512, 1024, 2048'],
    [{ cpu: true }, 'setting cpu: got true, expected a whole number from 256 to 16384'],
    [
      { defaultTtl: '1 hour' },
      /^setting defaultTtl: got "1 hour", expected a number of seconds, minutes, hours or days .*, such as 90m, 8h or 7d$/,
    ],
    [{ defaultTtl: '0m' }, 'setting defaultTtl: got "0m", expected a number'],
    [{ defaultTtl: '9h' }, 'setting defaultTtl: got "9h", expected at most the setting maxTtl'],
    [{ maxTtl: '2d' }, 'setting maxTtl: got "2d", expected at most the setting maxLifetime'],
    [{ maxLifetime: '1h' }, 'setting maxTtl: got "8h", expected at most the setting maxLifetime'],
    [{ maxSessions: '0' }, 'setting maxSessions: got "0", expected a whole number from 1 to 500'],
    [{ maxTargets: '501' }, 'setting maxTargets: got "501", expected a whole number from 1 to 500'],
    [{ idleEnd: '4m' }, 'setting idleEnd: got "4m", expected at least five minutes, such as 90m, 8h or 7d'],
    [{ idleEnd: 'off' }, 'setting idleEnd: got "off", expected a number of seconds, minutes, hours or days'],
    [
      { idleEnd: '24h' },
      'setting idleEnd: got "24h", expected less than the setting maxLifetime, which ends a bastion anyway',
    ],
    [{ poolSize: '21', maxSessions: '30' }, 'setting poolSize: got "21", expected a whole number from 0 to 20'],
    [
      { poolSize: '20' },
      'setting poolSize: got "20", expected less than the setting maxSessions, so that a start has a place while no',
    ],
    [
      { poolSize: '1', poolHours: 'Mon-Fri 08:00-18:00 Europe/Berln' },
      /^setting poolHours: got "Mon-Fri .*", expected a time zone at the end, such as Europe\/Berlin or UTC, not "Europe\/Berln"$/,
    ],
    [
      { poolHours: 'Mon 08:00-18:00 UTC' },
      'setting poolHours: got "Mon 08:00-18:00 UTC", expected the setting poolSize beside it, from 1 on',
    ],
    [{ poolSize: '0', poolMaxAge: '1h' }, 'setting poolMaxAge: got "1h", expected the setting poolSize beside it'],
    [{ poolSize: '1', poolMaxAge: '14m' }, 'setting poolMaxAge: got "14m", expected a duration from 15 minutes to 12'],
    [{ poolSize: '1', poolMaxAge: '13h' }, 'setting poolMaxAge: got "13h", expected a duration from 15 minutes to 12'],
    [{ admins: '*' }, 'setting admins: got "*", expected ARN patterns'],
    [{ admins: 'arn:aws:iam::1:root' }, 'setting admins: got "arn:aws:iam::1:root", expected ARN patterns'],
    [{ admins: 'arn:aws:sts::1:assumed-role/*/ann' }, /got ".*\*\/ann", expected ARN patterns .* with the role named/],
    [{ admins: 'arn:aws:sts::1:assumed-role/*Admin*' }, /got ".*Admin\*", expected ARN patterns/],
    [{ logRetentionDays: '91' }, 'setting logRetentionDays: got "91", expected one of 1, 3, 5'],
    [{ rateLimit: '1.5' }, 'setting rateLimit: got "1.5", expected a whole number'],
    [{ burstLimit: '-1' }, 'setting burstLimit: got "-1", expected a whole number'],
    [{ alarmEmail: 'ops' }, 'setting alarmEmail: got "ops", expected an e-mail address such as ops@example.com'],
    [
      { alarmEmail: 'ops@example.com', alarmTopicArn: 'arn:aws:sns:eu-west-1:123456789012:ops' },
      'setting alarmEmail: got "ops@example.com", expected nothing, because the setting alarmTopicArn names a topic',
    ],
    [{ alarmTopicArn: 'ops' }, 'setting alarmTopicArn: got "ops", expected the ARN of an SNS topic'],
    [{ cpu: { size: 1 } }, 'setting cpu: got "{\\"size\\":1}", expected a whole number'],
  ])('refuse %j', (context, message) => {
    expect(() => readSettings(context)).toThrow(message);
  });

  it('are refused all at once', () => {
    expect(() => readSettings({ agnets: 'ssh', cpu: 'x', sshPort: 'y' })).toThrow(
      /^setting agnets: .*\nsetting sshPort: .*\nsetting cpu: .*$/,
    );
  });

  it.each([
    ['defaultTTL', 'defaultTtl'],
    ['agnets', 'agents'],
    ['ssh-port', 'sshPort'],
    ['LOG_RETENTION_DAYS', 'logRetentionDays'],
    ['logRetention', 'logRetentionDays'],
    ['maxSession', 'maxSessions'],
    ['vpc', 'vpcId'],
    ['constructor', 'ciIssuer'],
  ])('do not include %s, for which the message names %s', (name, nearest) => {
    expect(() => readSettings({ [name]: '1' })).toThrow(
      `setting ${name}: got an unknown name, the nearest is ${nearest} (docs/settings.md lists all)`,
    );
  });

  it('leave CDK’s own context alone', async () => {
    const { context } = JSON.parse(await readFile(join(root, 'cdk.json'), 'utf8'));
    expect(Object.keys(context).filter((key) => key in settings)).toEqual([]);
    const ofCdk = {
      ...context,
      'acknowledged-issue-numbers': [12345],
      'aws:cdk:enable-path-metadata': true,
      'vpc-provider:account=123456789012:filter.vpc-id=vpc-0123abcd:region=eu-west-1:returnAsymmetricSubnets=true': {},
    };
    expect(readSettings(ofCdk)).toEqual(readSettings({}));
  });
});

describe('the account and region of the stack', () => {
  const credentials = { CDK_DEFAULT_ACCOUNT: '123456789012', CDK_DEFAULT_REGION: 'eu-west-1' };

  it.each([
    ['the stack makes its own VPC', {}],
    ['the deployer names the subnets', { vpcId: 'vpc-0123abcd', subnetIds: ['subnet-0123abcd'] }],
  ])('stay open when %s', (_, props) => {
    expect(stackEnvironment(props, credentials)).toEqual({});
  });

  it('are those of the credentials when CDK must look subnets up', () => {
    const environment = stackEnvironment({ vpcId: 'vpc-0123abcd' }, credentials);
    expect(environment).toEqual({ account: '123456789012', region: 'eu-west-1' });
  });

  it('are required when CDK must look subnets up', () => {
    expect(() => stackEnvironment({ vpcId: 'vpc-0123abcd' }, { CDK_DEFAULT_REGION: 'eu-west-1' })).toThrow(
      /^setting vpcId: got "vpc-0123abcd" without subnetIds, .* expected the setting subnetIds beside it, or AWS credentials/,
    );
  });
});
