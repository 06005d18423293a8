/** Tests a deployment with a signed request, then stores it in the person's own file. */
import { checkedUrl } from '../api/endpoint.ts';
import { replaceFile } from '../state/files.ts';
import { configPath, type Environment } from '../state/places.ts';
import { readSource, type Settings, type Values } from '../state/settings.ts';
import { usageError } from '../terminal/errors.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { contextOf } from './context.ts';
import { placesOf } from './ssh-config.ts';

/**
 * The file names one deployment: region, profile and user of another one do not stay in it. Tunnels do.
 * @param flags the values to store
 */
export async function configure(
  flags: Values,
  settings: Settings,
  terminal: Terminal,
  env: Environment,
): Promise<{ readonly file: string; readonly values: Values }> {
  if (flags.url === undefined) {
    throw usageError(
      'configure: got no --url, expected the output ApiUrl of the stack, or the URL that npm start prints.',
    );
  }
  const values = { ...flags, url: checkedUrl(flags.url, '--url').url };
  const { api } = await contextOf(settings, terminal, env);
  await api.health();
  await api.look();
  const file = configPath(env);
  const { tunnels = {} } = await readSource(file);
  const content = { ...values, ...(Object.keys(tunnels).length > 0 && { tunnels }) };
  replaceFile(file, `${JSON.stringify(content, null, 2)}\n`);
  const installed = await readSource(placesOf(undefined).settings);
  if (installed.values.url !== undefined && installed.values.url !== values.url) {
    terminal.warn(`ssh still enters ${installed.values.url}. "bastion ssh-config --install" changes that.`);
  }
  return { file, values };
}
