import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { root, synthesize } from './synthesize.ts';

let template: Template;

beforeAll(async () => {
  ({ template } = await synthesize());
});

describe('the ssh agent', () => {
  const role = Match.stringLikeRegexp('^AgentsSshTaskRole');

  it('is one container, in which sshd keeps the seven capabilities that it needs', () => {
    const drop = ['DAC_OVERRIDE', 'FOWNER', 'FSETID', 'MKNOD', 'NET_RAW', 'SETFCAP', 'SETPCAP'];
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      RuntimePlatform: { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' },
      Cpu: '256',
      Memory: '512',
      TaskRoleArn: { 'Fn::GetAtt': [role, 'Arn'] },
      ContainerDefinitions: [
        {
          Name: 'ssh',
          Essential: true,
          StopTimeout: 30,
          User: Match.absent(),
          LinuxParameters: { Capabilities: { Drop: drop, Add: Match.absent() }, InitProcessEnabled: true },
          Environment: [
            { Name: 'HANDOFF_TABLE', Value: { Ref: Match.stringLikeRegexp('^HandoffTable') } },
            { Name: 'HANDOFF_ROLE_ID', Value: { 'Fn::GetAtt': [role, 'RoleId'] } },
          ],
        },
      ],
    });
  });

  it('exits by itself once nobody was connected for the time that the setting idleEnd gives', async () => {
    const { template: withIdleEnd } = await synthesize({ idleEnd: '30m' });
    withIdleEnd.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({ Name: 'ssh', Environment: Match.arrayWith([{ Name: 'IDLE_END', Value: '1800' }]) }),
      ],
    });
  });

  it('waits for its log rather than lose a login', () => {
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({
          LogConfiguration: { LogDriver: 'awslogs', Options: Match.objectLike({ mode: 'blocking' }) },
        }),
      ],
    });
  });

  it('is built for arm64, on the base image that the setting names', async () => {
    const { app } = await synthesize({
      agents: 'ssh',
      sshBaseImage: 'debian:trixie-slim@sha256:00ff',
    });
    const manifest = JSON.parse(await readFile(join(app.synth().directory, 'Bastions.assets.json'), 'utf8'));
    expect(Object.values(manifest.dockerImages)).toMatchObject([
      { source: { platform: 'linux/arm64', dockerBuildArgs: { BASE_IMAGE: 'debian:trixie-slim@sha256:00ff' } } },
    ]);
  });

  it('can be a ready image, which the execution role may pull from a private repository', async () => {
    const image = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/bastion:7';
    const ready = (await synthesize({ agents: 'ssh', sshImage: image, sshLogin: 'jump' })).template;
    const text = JSON.stringify(ready.findResources('AWS::ECS::TaskDefinition'));
    expect(text).toContain('/team/bastion:7');
    expect(text).not.toContain('cdk-hnb659fds-container-assets');
    ready.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: Match.arrayWith(['ecr:BatchGetImage']),
            Resource: {
              'Fn::Join': [
                '',
                ['arn:', { Ref: 'AWS::Partition' }, ':ecr:eu-west-1:123456789012:repository/team/bastion'],
              ],
            },
          }),
        ]),
      },
    });
  });
});

describe('the images', () => {
  /** Files of each image's build context, as the deployment hands them to Docker. */
  async function contexts(): Promise<Record<string, string[]>> {
    const { app, stack } = await synthesize({
      agents: 'ssh,ssm,bzero',
      bzeroPackageSource: 'https://example.org/b.deb',
    });
    const assembly = app.synth();
    const manifest = v.parse(
      assets,
      JSON.parse(await readFile(join(assembly.directory, `${stack.stackName}.assets.json`), 'utf8')),
    );
    const images = Object.values(manifest.dockerImages).map(async ({ source }) => {
      const folder = join(assembly.directory, source.directory);
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      const files = entries
        .filter((entry) => entry.isFile())
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
      return [`${source.dockerFile} ${source.dockerBuildArgs.KIND ?? ''}`.trim(), files.sort()] as const;
    });
    return Object.fromEntries(await Promise.all(images));
  }

  const assets = v.object({
    dockerImages: v.record(
      v.string(),
      v.object({
        source: v.object({
          directory: v.string(),
          dockerFile: v.string(),
          dockerBuildArgs: v.record(v.string(), v.string()),
        }),
      }),
    ),
  });

  it('depend on their own files alone', async () => {
    const shared = ['shared/container.sh', 'shared/handoff.sh'];
    const target = (kind: string) => [
      ...shared,
      'target/Dockerfile',
      `target/${kind}/entrypoint.sh`,
      'target/shared/agent.sh',
    ];
    expect(await contexts()).toEqual({
      'ssh/Dockerfile': [
        ...shared,
        'ssh/Dockerfile',
        ...['assemble.sh', 'entrypoint.sh', 'notice.sh', 'owner.sh', 'sshd_config', 'watch.sh'].map(
          (name) => `ssh/${name}`,
        ),
      ],
      'target/Dockerfile ssm': target('ssm').sort(),
      'target/Dockerfile bzero': target('bzero').sort(),
    });
  });

  it.each(['ssh', 'target'])('of %s come from the public registry of AWS by default', async (folder) => {
    const dockerfile = await readFile(join(root, 'agent-image', folder, 'Dockerfile'), 'utf8');
    expect(dockerfile).toMatch(/^ARG BASE_IMAGE=public\.ecr\.aws\//m);
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
    expect(bases.filter((base) => base !== 'scratch')).toEqual([expect.stringMatching(/^\$\{BASE_IMAGE\}$/)]);
  });

  it('are built again when the month of their updates changes', async () => {
    const urisOf = async (imageUpdates: string) => {
      const { template: other } = await synthesize({ imageUpdates });
      return JSON.stringify(other.findResources('AWS::ECS::TaskDefinition')).match(/[0-9a-f]{64}/g);
    };
    const [november, again, december] = [await urisOf('2026-11'), await urisOf('2026-11'), await urisOf('2026-12')];
    expect(november).toEqual(again);
    expect(november?.filter((hash) => december?.includes(hash))).toEqual([]);
  });
});
