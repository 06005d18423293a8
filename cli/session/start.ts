/**
 * Starts the bastion or finds the live one, and waits until sshd accepts connections. The request that starts it does not wait:
 * the quick looks that follow do, and a person may interrupt them at any time.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { SessionView } from '../../contracts/api.ts';
import { ApiError, Unreachable } from '../api/refusals.ts';
import { identityPath, type Key, makeKey, namedKey, ownKeys } from '../ssh/keys.ts';
import { endSharedConnection, sessionOptions, sharedSocket } from '../ssh/session-options.ts';
import { checkWritable } from '../state/files.ts';
import type { Environment } from '../state/places.ts';
import { type LiveBastion, recall, remember } from '../state/session.ts';
import { CliError, exitCodes } from '../terminal/errors.ts';
import type { Context } from './context.ts';
import { liveBastion } from './live-bastion.ts';
import { StartProgress } from './start-progress.ts';
import { whyEnded } from './why-ended.ts';

export interface StartOptions {
  readonly ttl?: string;
  /** A key's file, or `-`. */
  readonly key?: string;
  /** Whether only a live bastion will do. Default: no. */
  readonly isLiveOnly?: boolean;
  readonly timeoutSeconds: number;
}

/** The options of a start that ssh asks for by itself, which a person can forbid. */
export const implicitStart = ({ BASTION_NO_START: isForbidden }: Environment): StartOptions => ({
  timeoutSeconds: 180,
  isLiveOnly: Boolean(isForbidden),
});

export interface Started {
  readonly view: SessionView;
  readonly bastion: LiveBastion;
}

/** Seconds for which the API holds one look back. */
const lookSeconds = 3;
/** Pause after a look that has failed or came back at once. */
const pauseMs = 500;
/** As many looks in a row may fail. */
const mostFailures = 5;

export async function startBastion(context: Context, options: StartOptions): Promise<Started> {
  checkWritable(context.folder); // without its files nothing could enter the bastion
  const deadline = Date.now() + options.timeoutSeconds * 1000;
  const progress = new StartProgress(context.terminal);
  try {
    const { view, keys } = await requestStart(context, options, progress);
    const running = await untilRunning(context, view, deadline, progress);
    const key = keys.find(({ fingerprint }) => fingerprint === running.keyFingerprint);
    if (key === undefined) throw foreignKey(running);
    const { env, alias, folder } = context;
    const { bastion, knownHosts } = liveBastion(running, alias, identityPath(key, folder));
    const earlier = recall(folder);
    remember(folder, bastion, {
      knownHosts,
      sshOptions: sessionOptions(bastion, sharedSocket(env, bastion.sessionId)),
    });
    if (earlier !== undefined && earlier.sessionId !== bastion.sessionId) await endSharedConnection(env, earlier);
    return { view: running, bastion };
  } finally {
    progress.stop();
  }
}

/** The key of the live bastion decides: if it is another of the person's, the second request sends that one. */
async function requestStart(
  context: Context,
  { key: name, ttl, isLiveOnly }: StartOptions,
  progress: StartProgress,
): Promise<{ view: SessionView; keys: readonly Key[] }> {
  const { api, folder } = context;
  if (isLiveOnly && (await api.look()) === undefined) throw mayNotStart();
  const keys = name === undefined ? await keysOf(context) : ([await namedKey(name)] as const);
  const remembered = recall(folder)?.keyFingerprint;
  const key = keys.find(({ fingerprint }) => fingerprint === remembered) ?? keys[0];
  const query = { wait: 0, ...(ttl !== undefined && { ttl }) };
  progress.begin();
  try {
    return { view: await api.start(query, key.line), keys };
  } catch (error) {
    if (name !== undefined || !(error instanceof ApiError && error.status === 409)) throw error;
    const live = await api.look();
    if (live?.keyFingerprint === undefined || live.keyFingerprint === key.fingerprint) throw error;
    const other = keys.find(({ fingerprint }) => fingerprint === live.keyFingerprint);
    if (other === undefined) throw foreignKey(live);
    return { view: await api.start(query, other.line), keys };
  }
}

const mayNotStart = () =>
  new CliError(
    'No bastion is live, and BASTION_NO_START keeps ssh from starting one. "bastion up" starts it.',
    exitCodes.notLive,
  );

/** The person's keys. It makes one for a person who has none, once the API has answered: an error before that changes no file. */
async function keysOf({ api, env }: Context): Promise<readonly [Key, ...Key[]]> {
  const [first, ...others] = await ownKeys(env);
  if (first !== undefined) return [first, ...others];
  await api.look();
  return [await makeKey(env)];
}

const foreignKey = ({ keyFingerprint = 'another' }: SessionView) =>
  new CliError(
    `The bastion accepts the key ${keyFingerprint}, which is neither in your agent nor in ~/.ssh. Name its file with --key, or remove the bastion with "bastion down".`,
    exitCodes.refused,
  );

async function untilRunning(
  { api, terminal }: Context,
  first: SessionView,
  deadline: number,
  progress: StartProgress,
): Promise<SessionView> {
  let view = first;
  for (let failures = 0; view.state !== 'running'; ) {
    progress.show(view);
    if (Date.now() > deadline) throw stillStarting(view);
    const askedAt = Date.now();
    try {
      const next = await api.look(lookSeconds);
      if (next === undefined || next.sessionId !== view.sessionId) throw await ended({ api }, view);
      view = next;
      failures = 0;
    } catch (error) {
      failures += 1;
      if (!mayPass(error) || failures > mostFailures) throw error;
      terminal.detail(error instanceof Error ? error.message : String(error));
    }
    if (view.state !== 'running' && Date.now() - askedAt < pauseMs) await pause(pauseMs);
  }
  return view;
}

/** The bastion lives on, whatever happens to a look. */
export const mayPass = (error: unknown): boolean =>
  error instanceof Unreachable || (error instanceof ApiError && (error.status === 429 || error.status >= 500));

const stillStarting = ({ createdAt }: SessionView) =>
  new CliError(
    `The bastion still starts, since ${createdAt}. Run the same command again to go on waiting, or "bastion down" to remove it.`,
    exitCodes.tryAgain,
  );

async function ended({ api }: Pick<Context, 'api'>, { sessionId }: SessionView): Promise<CliError> {
  const why = await whyEnded(api, sessionId);
  return new CliError(
    `The bastion ended before it was ready.${why} Run the command again, or ask its operator about session ${sessionId}.`,
    exitCodes.failed,
  );
}
