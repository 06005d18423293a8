/**
 * What Docker holds for a run: containers and a network, each with the labels of its run. The run removes them at its end. For a
 * killed run the next start does.
 */
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { type Docker, DockerError } from './cli.ts';

const hostLabel = 'bastion-on-demand.host';
const runLabel = 'bastion-on-demand.run';
const taskLabel = 'bastion-on-demand.task';

/** The labels of what a run makes. @param folder the run's own folder, which exists as long as the run does */
export const runLabels = (folder: string): Record<string, string> => ({ [hostLabel]: hostname(), [runLabel]: folder });

/** The labels of a container of a task. */
export const taskLabels = (folder: string, taskId: string): Record<string, string> => ({
  ...runLabels(folder),
  [taskLabel]: taskId,
});

/** Removes the containers and networks of this machine's runs whose folder is gone. */
export async function removeAbandoned(docker: Docker): Promise<void> {
  const list = async (...command: string[]) => {
    const format = `{{.ID}} {{.Label "${runLabel}"}}`;
    return abandonedIds(
      await docker.run([...command, '--filter', `label=${hostLabel}=${hostname()}`, '--format', format]),
    );
  };
  for (const id of await list('ps', '--all')) await removeContainer(docker, id);
  for (const id of await list('network', 'ls')) await removeNetwork(docker, id);
}

/** @param listing lines of an id, a blank and the folder of its run */
function abandonedIds(listing: string): string[] {
  return listing
    .split('\n')
    .map((line) => /^(\S+) (.+)$/.exec(line) ?? [])
    .filter(([, , folder]) => folder !== undefined && !existsSync(folder))
    .map(([, id = '']) => id);
}

/** Kills and removes a container. One that is gone is fine. */
export const removeContainer = (docker: Docker, id: string): Promise<void> =>
  ignoreGone(docker.run(['rm', '--force', '--volumes', id]));

/** Removes a network that has no containers. One that is gone is fine. */
export const removeNetwork = (docker: Docker, id: string): Promise<void> =>
  ignoreGone(docker.run(['network', 'rm', id]));

async function ignoreGone(removal: Promise<string>): Promise<void> {
  await removal.catch((error: unknown) => {
    if (!(error instanceof DockerError && error.isGone)) throw error;
  });
}
