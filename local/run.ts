/**
 * The stack on this machine. The functions, the API, the schedules and the event rule are those of the synthesized template.
 * AWS is emulated. A task is a real sshd, as a process or in Docker.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { callerArn } from './caller.ts';
import type { Closers } from './closers.ts';
import type { Cloud, CloudOptions } from './cloud.ts';
import type { Stack } from './cloudformation/stack.ts';
import { synthesize } from './cloudformation/synthesize.ts';
import { makeRunFolder } from './run-folder.ts';
import type { Steps } from './steps.ts';

const region = 'us-east-1';
const accountId = '000000000000';

export interface LocalRunOptions extends Omit<CloudOptions, 'region' | 'accountId' | 'folder'> {
  /** The settings by name, as text. */
  readonly context: Readonly<Record<string, string>>;
  /** Port of the run's own identity provider. Default: the run has none. */
  readonly issuerPort?: number | undefined;
  /** Seconds for which the identity provider's tokens are valid. Default: an hour. */
  readonly tokenSeconds?: number;
  /** @default - the start shows no steps */
  readonly steps?: Steps;
}

export interface LocalRun extends Omit<Cloud, 'deploy' | 'loginOf'> {
  readonly stack: Stack;
  /** URL of the run's own identity provider. Undefined without one. */
  readonly issuer: string | undefined;
  /** The login of every bastion. */
  readonly login: string;
  /** Folder of this run's files. It is removed at the end. */
  readonly folder: string;
  /** Folder of the synthesized stack. */
  readonly assembly: string;
}

/** Resolves once the API answers. `closers` get each part as soon as it is there, also when the start fails. */
export async function startLocal(options: LocalRunOptions, closers: Closers): Promise<LocalRun> {
  const show: Steps['show'] = (name, work, startMs) => options.steps?.show(name, work, startMs) ?? work;
  const folder = await makeRunFolder(join(import.meta.dirname, '../.local'));
  closers.add(() => rm(folder, { recursive: true, force: true }));

  // The emulated AWS loads and takes its ports beside the synthesis, so that a taken port is reported at once.
  const startMs = performance.now();
  const assembly = join(folder, 'cdk.out');
  let page: string | undefined;
  const issuer = await openIssuer(options, (origin) => page !== undefined && namesOf(page).includes(origin), closers);
  const synthesis = beginSynthesis({ ...issuer?.settings, ...options.context }, assembly, closers);
  const place = { region, accountId, folder };
  const opening = import('./cloud.ts').then(({ openCloud }) => openCloud({ ...options, ...place }, closers));
  const cloud = await show('starting the emulated AWS', opening);
  page = cloud.apiUrl;
  await show('synthesizing the stack', synthesis, startMs);
  const stack = await cloud.deploy(assembly, options.context.stackName ?? 'Bastions', show);
  return { ...cloud, stack, issuer: issuer?.url, login: cloud.loginOf(stack), folder, assembly };
}

/**
 * Opens the identity provider, before the synthesis, because its name is a setting.
 * @param isPage true for the origin of the API, which is known later
 */
async function openIssuer(
  { issuerPort, tokenSeconds }: LocalRunOptions,
  isPage: (origin: string) => boolean,
  closers: Closers,
): Promise<Issuer | undefined> {
  if (issuerPort === undefined) return undefined;
  // A development dependency, loaded only where it is wanted.
  const { serveIssuer, settingsFor } = await import('./issuer/issuer.ts');
  const { url, close } = await serveIssuer({
    port: issuerPort,
    isPage,
    ...(tokenSeconds !== undefined && { tokenSeconds }),
  });
  closers.add(close);
  return { url, settings: settingsFor(url) };
}

interface Issuer {
  readonly url: string;
  /** The settings of a stack whose people sign in there. */
  readonly settings: Readonly<Record<string, string>>;
}

/** The origins under which a browser may know a server of this machine. */
const namesOf = (url: string): readonly string[] => [url, url.replace('127.0.0.1', 'localhost')];

/** Synthesizes with this machine's own settings, unless `settings` has others. */
function beginSynthesis(settings: LocalRunOptions['context'], assembly: string, closers: Closers): Promise<void> {
  const context = {
    // On Linux each task has an address of its own and can have the same port. Elsewhere they share one address.
    sshPort: process.platform === 'linux' ? '2222' : '20000-20999',
    admins: callerArn(accountId),
    page: 'true',
    ...settings,
  };
  const abort = new AbortController();
  const synthesis = synthesize(context, assembly, abort.signal);
  const end = synthesis.catch(() => {}); // the caller reports its error
  closers.add(() => {
    abort.abort();
    return end;
  });
  return synthesis;
}
