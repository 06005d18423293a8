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

/** The ids of what Docker holds for a run. @param pid the process of the run */
export async function heldByDocker(pid: number, kind?: 'container' | 'network'): Promise<string[]> {
  const format = '{{.ID}} {{.Label "bastion-on-demand.run"}}';
  const list = (...command: string[]) => dockerCli.run([...command, '--format', format]);
  const listings = await Promise.all([
    kind === 'network' ? '' : list('ps', '--all'),
    kind === 'container' ? '' : list('network', 'ls'),
  ]);
  return listings
    .flatMap((listing) => listing.split('\n'))
    .filter((line) => line.includes(`-${pid}-`))
    .map((line) => line.replace(/ .*/, ''));
}
