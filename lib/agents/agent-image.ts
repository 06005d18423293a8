import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { type AgentKind, processors } from '../../contracts/agent.ts';
import { packageRoot } from '../package-root.ts';
import type { ResolvedProps } from '../settings/rules.ts';
import { agentImages } from './agent-kinds.ts';

/** The build context of every image. An image of one kind holds the files of that kind, and those in `shared`. */
const directory = join(packageRoot, 'agent-image');

type ImageProp = NonNullable<(typeof agentImages)[AgentKind]['image' | 'source' | 'checksum']>;

/** The image of an agent: the ready one that a prop names, or one that the deployment builds. */
export function agentImage(
  scope: Construct,
  props: Pick<ResolvedProps, ImageProp | 'imageUpdates'>,
  kind: AgentKind,
): ecs.ContainerImage {
  const { image, source, argument, checksum } = agentImages[kind];
  const ready = props[image];
  if (ready !== undefined) return readyImage(scope, ready);
  const value = props[source];
  const sha256 = checksum && props[checksum];
  return ecs.ContainerImage.fromAsset(directory, {
    ...buildOf(kind),
    platform: processorOf(kind).platform,
    buildArgs: {
      ...buildOf(kind).buildArgs,
      UPDATES: props.imageUpdates ?? new Date().toISOString().slice(0, 7),
      ...(value !== undefined && { [argument]: value }),
      ...(sha256 !== undefined && { PACKAGE_SHA256: sha256 }),
    },
  });
}

/** The Dockerfile of a kind, and the files that its image does not depend on. */
const buildOf = (kind: AgentKind) =>
  kind === 'ssh'
    ? { file: 'ssh/Dockerfile', exclude: ['*', '!shared', '!ssh', 'ssh/README.md'], buildArgs: {} }
    : {
        file: 'target/Dockerfile',
        exclude: ['*', '!shared', '!target/Dockerfile', '!target/shared', `!target/${kind}`],
        buildArgs: { KIND: kind },
      };

/** The processor and operating system of an agent's tasks. */
export function runtimePlatform(kind: AgentKind): ecs.RuntimePlatform {
  const { cpuArchitecture } = processorOf(kind);
  return { cpuArchitecture, operatingSystemFamily: ecs.OperatingSystemFamily.LINUX };
}

const processorOf = (kind: AgentKind) =>
  processors[kind] === 'arm64'
    ? { platform: Platform.LINUX_ARM64, cpuArchitecture: ecs.CpuArchitecture.ARM64 }
    : { platform: Platform.LINUX_AMD64, cpuArchitecture: ecs.CpuArchitecture.X86_64 };

function readyImage(scope: Construct, image: string): ecs.ContainerImage {
  const ecr =
    /^(?<account>\d{12})\.dkr\.ecr\.(?<region>[a-z0-9-]+)\.[a-z.]+\/(?<name>[^:@]+)(:(?<tag>[^@]+))?(@(?<digest>.+))?$/;
  const { account, region, name, tag, digest } = ecr.exec(image)?.groups ?? {};
  if (account === undefined || region === undefined || name === undefined) {
    return ecs.ContainerImage.fromRegistry(image);
  }
  // For an image of a private repository, CDK gives the execution role the permission to pull it.
  const repository = Repository.fromRepositoryAttributes(scope, 'Repository', {
    repositoryName: name,
    repositoryArn: Stack.of(scope).formatArn({
      service: 'ecr',
      account,
      region,
      resource: 'repository',
      resourceName: name,
    }),
  });
  return ecs.ContainerImage.fromEcrRepository(repository, digest ?? tag);
}
