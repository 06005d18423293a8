/** Runs containers of the base image as tasks, with a stack of its own in no way involved. */
import { onTestFinished } from 'vitest';
import type { ContainerStart } from '../../emulator/container-host.ts';
import { dockerCli } from '../../local/fargate/docker/cli.ts';
import { DockerContainers } from '../../local/fargate/docker/containers.ts';
import { makeNetwork } from '../../local/fargate/docker/network.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

/** The image that base-image.sh makes. */
export const baseImage = 'bastion-base:trixie';

export interface Ended {
  readonly code: number;
  readonly lines: readonly string[];
}

/** Makes a container host for one test. */
export async function makeDockerHost() {
  const folder = await makeTemporaryFolder('docker host');
  const network = await makeNetwork(dockerCli, folder.path);
  const lines: string[] = [];
  /** The source addresses that the security group allows. */
  const admitted = new Set(['127.0.0.1']);
  const host = new DockerContainers({
    docker: dockerCli,
    network,
    folder: folder.path,
    images: { 'base:1': baseImage },
    log: (taskId, container, line) => lines.push(`${taskId} ${container} ${line}`),
  });
  onTestFinished(async () => {
    await host.close();
    await network.remove();
    await folder.remove();
  });
  const attach = (taskId: string) => host.attach({ taskId, allows: ({ sourceIp }) => admitted.has(sourceIp) });

  /** Starts bash in a container. */
  const start = (taskId: string, script: string, properties: Partial<ContainerStart> = {}) =>
    host.start({
      taskId,
      name: 'one',
      image: 'base:1',
      entryPoint: ['bash', '-c', script],
      environment: {},
      ...properties,
    });

  return {
    host,
    network,
    folder: folder.path,
    lines,
    admitted,
    attach,
    start,

    /** Runs bash in a container of a task of its own, to its end. */
    async run(script: string, properties: Partial<ContainerStart> = {}): Promise<Ended> {
      const taskId = `task-${lines.length}`;
      await attach(taskId);
      const code = await (await start(taskId, script, properties)).exited;
      await host.detach(taskId);
      const own = lines.filter((line) => line.startsWith(`${taskId} one `));
      return { code, lines: own.map((line) => line.slice(`${taskId} one `.length)) };
    },
  };
}
