/** Tests a deployment with a signed request where it takes those, then stores it in the person's own file. */
import { checkedUrl, endpointOf } from '../api/endpoint.ts';
import { heedProxy } from '../api/proxy.ts';
import { readWebConfig } from '../api/web-config.ts';
import { keepSignIn, keptSignIn } from '../sign-in/kept.ts';
import { replaceFile } from '../state/files.ts';
import { configPath, type Environment } from '../state/places.ts';
import { currentFolder, readOwn, readSettings, readSource, type Settings, type Values } from '../state/settings.ts';
import { usageError } from '../terminal/errors.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { contextOf } from './context.ts';
import { placesOf } from './ssh-config.ts';

/**
 * The file names one deployment: region, profile and user of another one do not stay in it. Tunnels do, and the URLs of all
 * deployments that were configured, which a `bastion.json` may name from then on.
 * @param flags the values to store
 * @param stack the stack whose API is meant, where no URL is given
 * @param isAws whether the person has AWS credentials, and wants them where others sign in
 */
export async function configure(
  flags: Values,
  { stack, isAws }: { readonly stack: string | undefined; readonly isAws: boolean },
  settings: Settings,
  terminal: Terminal,
  env: Environment,
): Promise<Configured> {
  const { text, origin } = await namedUrl(flags, stack, settings, terminal, env);
  const { url } = checkedUrl(text, origin);
  const values = { ...flags, url };
  const tested = {
    ...settings,
    values: { ...settings.values, url },
    origins: { ...settings.origins, url: origin },
  };
  const signIn = await test(tested, isAws, terminal, env);
  const file = configPath(env);
  const { tunnels = {}, deployments } = await readOwn(file);
  const content = {
    ...values,
    ...(Object.keys(tunnels).length > 0 && { tunnels }),
    deployments: [...new Set([...deployments, url])],
  };
  replaceFile(file, `${JSON.stringify(content, null, 2)}\n`);
  const next = await readSettings({}, env, currentFolder());
  if (next.values.url !== undefined && next.values.url !== values.url) {
    terminal.warn(`Here ${next.origins.url} names ${next.values.url}, which comes first.`);
  }
  const installed = await readSource(placesOf(undefined).settings);
  if (installed.values.url !== undefined && installed.values.url !== values.url) {
    terminal.warn(`ssh still enters ${installed.values.url}. "bastion ssh-config --install" changes that.`);
  }
  return { file, values, signIn };
}

interface Configured {
  readonly file: string;
  readonly values: Values;
  /** How the person proves to the API who they are. */
  readonly signIn: 'aws' | 'oidc';
}

/** Keeps how the deployment lets people in. One that takes AWS credentials gets a signed request. */
async function test(
  settings: Settings,
  isAws: boolean,
  terminal: Terminal,
  env: Environment,
): Promise<Configured['signIn']> {
  heedProxy(env);
  const endpoint = endpointOf(settings);
  const config = isAws ? undefined : await readWebConfig(endpoint);
  const earlier = keptSignIn(env, endpoint.url);
  const next = config?.signIn === 'oidc' ? config : undefined;
  keepSignIn(env, endpoint.url, next);
  if (next !== undefined) return 'oidc';
  try {
    const { api } = await contextOf(settings, terminal, env);
    await api.health();
    await api.look();
  } catch (error) {
    keepSignIn(env, endpoint.url, earlier);
    throw error;
  }
  return 'aws';
}

async function namedUrl(
  { url }: Values,
  stack: string | undefined,
  settings: Settings,
  terminal: Terminal,
  env: Environment,
): Promise<{ readonly text: string; readonly origin: string }> {
  if ((url === undefined) === (stack === undefined)) {
    const got = url === undefined ? 'neither --stack nor --url' : 'both --stack and --url';
    throw usageError(
      `configure: got ${got}, expected --stack with the name of the deployed stack, or --url with its output ApiUrl or the URL that npm start prints.`,
    );
  }
  if (stack === undefined) return { text: url ?? '', origin: '--url' };
  // The deployment that is set now may be in another region.
  const { url: _, ...values } = settings.values;
  const [{ accountOf }, { apiUrlOf }] = await Promise.all([
    import('../account/account.ts'),
    import('../account/stack.ts'),
  ]);
  const account = await accountOf({ ...settings, values }, env, terminal);
  return { text: await apiUrlOf(account, stack), origin: `the stack ${stack}` };
}
