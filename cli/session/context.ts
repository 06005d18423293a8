/** The parts that every command works with: the settings, the API, the terminal, and the folder of its files. */
import { Api } from '../api/client.ts';
import { type Endpoint, endpointOf } from '../api/endpoint.ts';
import { heedProxy } from '../api/proxy.ts';
import type { Sign } from '../api/signature.ts';
import { bastionFolder, deploymentName, type Environment } from '../state/places.ts';
import type { Settings } from '../state/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';

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
  const { user, profile } = settings.values;
  heedProxy(env);
  const sign = await signerFor(endpoint, settings, env);
  const api = new Api({ endpoint, sign, user, profile, log: (line) => terminal.detail(line) });
  const folder = bastionFolder(env, endpoint.url, user);
  return { api, terminal, env, settings, folder, alias: `bastion-${deploymentName(endpoint.url)}` };
}

async function signerFor({ region }: Endpoint, settings: Settings, env: Environment): Promise<Sign | undefined> {
  if (region === undefined) return undefined;
  const [{ signer }, { credentialsOf }] = await Promise.all([
    import('../api/signature.ts'),
    import('../api/credentials.ts'),
  ]);
  return signer(await credentialsOf(settings, env), { region, service: 'execute-api' });
}
