/** The two ways to run a task's containers on this machine: as processes, or in Docker. */
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { env } from '../../contracts/stack.ts';
import type { ContainerHost } from '../../emulator/container-host.ts';
import type { Closers } from '../closers.ts';
import { dockerAssets } from '../cloudformation/docker-assets.ts';
import { imageFolders } from '../cloudformation/images.ts';
import type { Stack } from '../cloudformation/stack.ts';
import type { Steps } from '../steps.ts';
import type { ContainerKind } from './container-kinds.ts';
import { LocalContainers } from './containers.ts';
import { askDocker, dockerCli } from './docker/cli.ts';
import { DockerContainers } from './docker/containers.ts';
import { buildImages } from './docker/images.ts';
import { type BridgeNetwork, makeNetwork } from './docker/network.ts';
import { removeAbandoned } from './docker/run-labels.ts';
import type { Endpoint } from './firewall.ts';

export interface FargateOptions {
  /** @default - processes */
  readonly containers?: ContainerKind;
  /** Arguments of every Dockerfile. They win over those of the stack. @default - none */
  readonly buildArguments?: Readonly<Record<string, string>>;
  /** The run's own folder, which exists as long as the run does. */
  readonly folder: string;
  readonly log: (taskId: string, container: string, line: string) => void;
}

export type ContainerNetwork = Pick<BridgeNetwork, 'machineIp' | 'isContainer'>;

export interface LocalFargate {
  readonly host: ContainerHost & { entranceOf(taskId: string): Endpoint | undefined };
  /** The network of containers that have one of their own. */
  readonly network?: ContainerNetwork;
  /** The login of every bastion of the stack. */
  loginOf(stack: Stack): string;
  /** Makes the images of the stack ready to run. */
  load(assembly: string, stackName: string, stack: Stack, show: Steps['show']): Promise<void>;
}

/** Throws a sentence when this machine can't run containers that way. `closers` get each part as soon as it is there. */
export async function openFargate(options: FargateOptions, closers: Closers): Promise<LocalFargate> {
  return options.containers === 'docker' ? inDocker(options, closers) : asProcesses(options, closers);
}

function asProcesses({ folder, log }: FargateOptions, closers: Closers): LocalFargate {
  const images: Record<string, string> = {};
  const host = new LocalContainers({ images, stateDirectory: join(folder, 'tasks'), log });
  closers.add(() => host.close());
  return {
    host,
    loginOf: () => userInfo().username,
    async load(assembly, stackName, stack) {
      Object.assign(images, imageFolders(assembly, stackName, stack));
    },
  };
}

async function inDocker({ folder, log, buildArguments = {} }: FargateOptions, closers: Closers): Promise<LocalFargate> {
  const docker = dockerCli;
  const processor = await askDocker(docker);
  await removeAbandoned(docker);
  const network = await makeNetwork(docker, folder);
  closers.add(() => network.remove());
  const images: Record<string, string> = {};
  const host = new DockerContainers({ docker, network, folder, images, log });
  closers.add(() => host.close());
  return {
    host,
    network,
    loginOf: ({ functions }) =>
      functions.map(({ environment }) => environment[env.sshLogin]).find((login) => login !== undefined) ?? '',
    async load(assembly, stackName, stack, show) {
      const abort = new AbortController();
      closers.add(async () => abort.abort());
      const builds = { docker, processor, buildArguments, folder, signal: abort.signal, show };
      Object.assign(images, await buildImages(dockerAssets(assembly, stackName, stack), builds));
    },
  };
}
