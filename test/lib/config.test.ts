import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stackEnvironment } from '../../lib/network.ts';
import { readConfig, settings } from '../../lib/settings/config.ts';
import { root } from './synthesize.ts';

const read = (context: Record<string, unknown> = {}) => readConfig((name) => context[name]);

describe('settings', () => {
  it('have defaults that make a whole deployment', () => {
    const { defaultTtl, maxTtl, maxLifetime, webhookTtl, ...rest } = read();
    const durations = [defaultTtl, maxTtl, maxLifetime, webhookTtl];
    expect(durations.map((duration) => duration.toSeconds())).toEqual([3600, 28_800, 86_400, 604_800]);
    expect(rest).toEqual({
      stackName: 'Bastions',
      agents: ['ssh', 'ssm'],
      webhookHmac: false,
      sshPort: '22',
      sshLogin: 'bastion',
      cpu: 256,
      memoryMiB: 512,
      maxSessions: 20,
      logRetentionDays: 90,
      rateLimit: 10,
      burstLimit: 20,
    });
  });

  it('accept their own defaults, typed on the command line', () => {
    const typed = Object.fromEntries(Object.entries(settings).map(([name, setting]) => [name, setting.default]));
    expect(read(typed)).toEqual(read());
  });

  it('each say in one line what they mean', () => {
    for (const [name, { description }] of Object.entries(settings)) {
      expect(description, name).toMatch(/^[A-Z`].{20,160}\.$/);
    }
  });

  it.each([
    [
      { cpu: 1024, memoryMiB: 2048 },
      { cpu: 1024, memoryMiB: 2048 },
    ],
    [{ sshPort: '20000-20999' }, { sshPort: '20000-20999' }],
    [
      { vpcId: 'vpc-0123abcd', subnetIds: 'subnet-0123abcd, subnet-4567abcd' },
      { subnetIds: ['subnet-0123abcd', 'subnet-4567abcd'] },
    ],
    [{ admins: 'arn:aws:iam::123456789012:user/ops-*' }, { admins: ['arn:aws:iam::123456789012:user/ops-*'] }],
    [{ sshImage: 'ghcr.io/someone/bastion:1@sha256:00ff' }, { sshImage: 'ghcr.io/someone/bastion:1@sha256:00ff' }],
    [{ logRetentionDays: '7' }, { logRetentionDays: 7 }],
    [{ agents: 'ssh' }, { agents: ['ssh'] }],
    [{ agents: 'bzero, ssh' }, { agents: ['bzero', 'ssh'] }],
    [{ webhookHmac: 'true' }, { webhookHmac: true }],
    [{ webhookHmac: true }, { webhookHmac: true }],
    [{ ssmPackageUrl: 'https://example.org/ssm.deb' }, { ssmPackageUrl: 'https://example.org/ssm.deb' }],
  ])('%j is understood', (context, expected) => {
    expect(read(context)).toMatchObject(expected);
  });

  it.each([
    [{ stackName: '1st' }, 'setting stackName: got "1st", expected at most 56 letters, digits and hyphens'],
    [{ vpcId: 'main' }, 'setting vpcId: got "main", expected a VPC id'],
    [{ vpcId: 'vpc-0123abcd', subnetIds: 'subnet-0123abcd,' }, 'setting subnetIds: got "subnet-0123abcd,", expected'],
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
    [{ webhookTtl: '0d' }, 'setting webhookTtl: got "0d", expected a number of seconds, minutes, hours or days'],
    [{ webhookTtl: '400d' }, 'setting webhookTtl: got "400d", expected a number of seconds, minutes, hours or days'],
    [{ webhookHmac: 'yes' }, 'setting webhookHmac: got "yes", expected true or false'],
    [{ sshImage: 'two words' }, 'setting sshImage: got "two words", expected an image reference'],
    [{ sshImage: 'a/b:1', sshBaseImage: 'debian' }, 'setting sshBaseImage: got "debian", expected nothing'],
    [{ sshPort: '0' }, 'setting sshPort: got "0", expected a port'],
    [{ sshPort: '30-20' }, 'setting sshPort: got "30-20", expected a port'],
    [{ sshPort: '22-70000' }, 'setting sshPort: got "22-70000", expected a port'],
    [{ sshLogin: 'Root User' }, 'setting sshLogin: got "Root User", expected a Linux user name'],
    [{ cpu: '300' }, 'setting cpu: got "300", expected a Fargate size'],
    [{ cpu: '256', memoryMiB: '4096' }, 'setting memoryMiB: got "4096", expected for cpu 256 one of 512, 1024, 2048'],
    [{ cpu: true }, 'setting cpu: got true, expected a whole number from 256 to 16384'],
    [
      { defaultTtl: '1 hour' },
      'setting defaultTtl: got "1 hour", expected a number of seconds, minutes, hours or days',
    ],
    [{ defaultTtl: '0m' }, 'setting defaultTtl: got "0m", expected a number'],
    [{ defaultTtl: '9h' }, 'setting defaultTtl: got "9h", expected at most the setting maxTtl'],
    [{ maxTtl: '2d' }, 'setting maxTtl: got "2d", expected at most the setting maxLifetime'],
    [{ maxLifetime: '1h' }, 'setting maxTtl: got "8h", expected at most the setting maxLifetime'],
    [{ maxSessions: '0' }, 'setting maxSessions: got "0", expected a whole number from 1 to 500'],
    [{ admins: '*' }, 'setting admins: got "*", expected ARN patterns'],
    [{ logRetentionDays: '91' }, 'setting logRetentionDays: got "91", expected one of 1, 3, 5'],
    [{ rateLimit: '1.5' }, 'setting rateLimit: got "1.5", expected a whole number'],
    [{ burstLimit: '-1' }, 'setting burstLimit: got "-1", expected a whole number'],
    [{ alarmTopicArn: 'ops' }, 'setting alarmTopicArn: got "ops", expected the ARN of an SNS topic'],
  ])('%j is refused', (context, message) => {
    expect(() => read(context)).toThrow(message);
  });

  it('are refused all at once', () => {
    expect(() => read({ cpu: 'x', sshPort: 'y' })).toThrow(/^setting .*\nsetting .*$/);
  });

  it('leave the names of CDK’s own context alone', async () => {
    const flags = Object.keys(JSON.parse(await readFile(join(root, 'cdk.json'), 'utf8')).context);
    expect(flags.filter((flag) => flag in settings)).toEqual([]);
  });
});

describe('the account and region', () => {
  const credentials = { CDK_DEFAULT_ACCOUNT: '123456789012', CDK_DEFAULT_REGION: 'eu-west-1' };

  it.each([
    ['the stack makes its own VPC', {}],
    ['the subnets are named', { vpcId: 'vpc-0123abcd', subnetIds: ['subnet-0123abcd'] }],
  ])('stay open when %s', (_, config) => {
    expect(stackEnvironment(config, credentials)).toEqual({});
  });

  it('are those of the credentials when subnets must be looked up', () => {
    const environment = stackEnvironment({ vpcId: 'vpc-0123abcd' }, credentials);
    expect(environment).toEqual({ account: '123456789012', region: 'eu-west-1' });
  });

  it('are asked for when they are needed and missing', () => {
    expect(() => stackEnvironment({ vpcId: 'vpc-0123abcd' }, { CDK_DEFAULT_REGION: 'eu-west-1' })).toThrow(
      /^setting vpcId: got "vpc-0123abcd" without subnetIds, .* expected the setting subnetIds beside it, or AWS credentials/,
    );
  });
});
