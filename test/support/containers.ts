/** How the local runs of the tests run their containers: `npm test` as processes, `npm run test:images` in Docker. */
import { inject } from 'vitest';
import type { ContainerKind } from '../../local/fargate/container-kinds.ts';
import { dockerCli } from '../../local/fargate/docker/cli.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    containers: ContainerKind;
    /** Arguments of every Dockerfile. */
    buildArguments: Readonly<Record<string, string>>;
  }
}

/** The options of a local run in this process. */
export const containerOptions = () => ({ containers: inject('containers'), buildArguments: inject('buildArguments') });

/** The same as arguments of `npm start`. */
export function containerArguments(): string[] {
  const { containers, buildArguments } = containerOptions();
  const pairs = Object.entries(buildArguments).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  return ['--containers', containers, ...pairs];
}

/** The ids of a run's containers that have not ended. @param pid the process of the run */
export const runningContainers = (pid: number): Promise<string[]> => idsOf(pid, ['ps']);

/** The ids of the containers and networks that Docker holds for a run. @param pid the process of the run */
export async function heldByDocker(pid: number): Promise<string[]> {
  return (await Promise.all([idsOf(pid, ['ps', '--all']), idsOf(pid, ['network', 'ls'])])).flat();
}

async function idsOf(pid: number, list: readonly string[]): Promise<string[]> {
  const listing = await dockerCli.run([...list, '--format', '{{.ID}} {{.Label "bastion-on-demand.run"}}']);
  const ofRun = listing.split('\n').filter((line) => line.includes(`-${pid}-`));
  return ofRun.map((line) => line.replace(/ .*/, ''));
}
