/** The parts that every command works with: the settings, the API, the terminal, and the folder of its files. */
import { Api } from '../api/client.ts';
import { endpointOf } from '../api/endpoint.ts';
import { heedProxy } from '../api/proxy.ts';
import { bastionFolder, deploymentName, type Environment } from '../state/places.ts';
import type { Settings } from '../state/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { accessOf } from './access.ts';

export interface Context {
  readonly api: Api;
  readonly terminal: Terminal;
  readonly env: Environment;
  readonly settings: Settings;
  /** Name of the host in `known_hosts`. */
  readonly alias: string;
  /** Folder of this user's bastion in this deployment. */
  readonly folder: string;
}

export async function contextOf(settings: Settings, terminal: Terminal, env: Environment): Promise<Context> {
  const endpoint = endpointOf(settings);
  const { user } = settings.values;
  heedProxy(env);
  const access = await accessOf(endpoint, settings, env);
  const api = new Api({ endpoint, access, user, log: (line) => terminal.detail(line) });
  const folder = bastionFolder(env, endpoint.url, user);
  return { api, terminal, env, settings, folder, alias: `bastion-${deploymentName(endpoint.url)}` };
}
