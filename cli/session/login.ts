/** Signs a person in to a deployment with its identity provider. */
import { setTimeout as pause } from 'node:timers/promises';
import { usualRedirectUri } from '../../contracts/sign-in.ts';
import { type Endpoint, endpointOf } from '../api/endpoint.ts';
import { heedProxy } from '../api/proxy.ts';
import { ApiError } from '../api/refusals.ts';
import { readWebConfig } from '../api/web-config.ts';
import { openBrowser } from '../sign-in/browser.ts';
import { forgetGrant, type Grant, grantFile, keepGrant } from '../sign-in/grant.ts';
import type { Issuer } from '../sign-in/issuer.ts';
import { keepSignIn, type OidcConfig } from '../sign-in/kept.ts';
import { underLock } from '../sign-in/lock.ts';
import { openLoopback } from '../sign-in/loopback.ts';
import { checkWritable } from '../state/files.ts';
import { deploymentFolder, type Environment } from '../state/places.ts';
import { forget, recall } from '../state/session.ts';
import type { Settings } from '../state/settings.ts';
import { CliError, exitCodes, oneLine, sentenceOf } from '../terminal/errors.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { contextOf } from './context.ts';

export interface LoginOptions {
  /** Whether the person signs in on another device. */
  readonly isDevice: boolean;
  /** Whether a browser of this machine may be opened. */
  readonly mayOpen: boolean;
  readonly timeoutSeconds: number;
}

export interface SignedIn {
  readonly url: string;
  /** Undefined where the deployment does not say it. */
  readonly user: string | undefined;
  readonly isAdmin: boolean | undefined;
  readonly expiresAt: string | undefined;
  /** Whether the sign-in goes on after that. */
  readonly isRenewed: boolean;
}

export async function login(
  settings: Settings,
  terminal: Terminal,
  env: Environment,
  options: LoginOptions,
): Promise<SignedIn> {
  const endpoint = endpointOf(settings);
  const { url } = endpoint;
  checkWritable(deploymentFolder(env, url)); // a sign-in that nothing can keep is of no use
  heedProxy(env);
  const config = await signInOf(endpoint);
  const { Issuer } = await import('../sign-in/issuer.ts');
  const issuer = await Issuer.discover(config);
  const grant = options.isDevice
    ? await onDevice(issuer, terminal, options)
    : await inBrowser(issuer, config, terminal, env, options);
  keepSignIn(env, url, config);
  await underLock(`${grantFile(env, url)}.lock`, async () => keepGrant(env, url, grant));
  const caller = await callerOf(settings, terminal, env);
  return {
    url,
    user: caller?.user,
    isAdmin: caller?.isAdmin,
    expiresAt: grant.expiresAt,
    isRenewed: grant.refreshToken !== undefined,
  };
}

/** @throws CliError for a deployment that takes no tokens of people */
async function signInOf(endpoint: Endpoint): Promise<OidcConfig> {
  const config = await readWebConfig(endpoint);
  if (config.signIn === 'oidc') {
    const isHere = /^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(`${config.issuer}/`);
    if (config.issuer.startsWith('https:') || (endpoint.isLocal && isHere)) return config;
    throw new CliError(
      `${endpoint.url} names ${config.issuer}, expected an identity provider with https.`,
      exitCodes.failed,
    );
  }
  const remedy = endpoint.isLocal
    ? 'It knows you without. "npm start -- --sign-in" brings an identity provider.'
    : 'It takes your AWS credentials.';
  throw new CliError(`${endpoint.url} has no sign-in. ${remedy}`, exitCodes.failed);
}

async function inBrowser(
  issuer: Issuer,
  { redirectUri = usualRedirectUri }: OidcConfig,
  terminal: Terminal,
  env: Environment,
  { mayOpen, timeoutSeconds }: LoginOptions,
): Promise<Grant> {
  await using loopback = await openLoopback(redirectUri);
  const request = await issuer.request(loopback.redirectUri);
  const answering = loopback.answerTo(request.state);
  terminal.say(`Sign in with your browser on this machine:\n${request.url}`);
  if (mayOpen) openBrowser(request.url, env);
  const { parameters, show } = await within(answering, timeoutSeconds);
  try {
    const grant = await issuer.redeem(parameters, request);
    await show('Signed in', 'Go back to the terminal. You can close this page.');
    return grant;
  } catch (error) {
    await show('That did not work', sentenceOf(error));
    throw error;
  }
}

/** RFC 8628: https://datatracker.ietf.org/doc/html/rfc8628#section-3.5 */
async function onDevice(issuer: Issuer, terminal: Terminal, { timeoutSeconds }: LoginOptions): Promise<Grant> {
  if (!issuer.hasDeviceFlow) {
    throw new CliError(
      'Your identity provider has no sign-in on another device. Run "bastion login" without --device, on a machine with a browser.',
      exitCodes.failed,
    );
  }
  const begun = await issuer.beginDevice();
  const { verification_uri_complete: complete, verification_uri: plain, user_code: code } = begun;
  terminal.say(`Open this page on any device, and confirm the code ${oneLine(code)}:\n${oneLine(complete ?? plain)}`);
  const mostSeconds = Math.min(timeoutSeconds, begun.expires_in);
  const until = Date.now() + mostSeconds * 1000;
  for (let seconds = begun.interval ?? 5; Date.now() < until; ) {
    await pause(seconds * 1000);
    const answer = await issuer.pollDevice(begun.device_code);
    if (typeof answer !== 'string') return answer;
    if (answer === 'slow down') seconds += 5;
  }
  throw late(mostSeconds);
}

async function within<Result>(work: Promise<Result>, seconds: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late(seconds)), seconds * 1000);
  });
  try {
    return await Promise.race([work, end]);
  } finally {
    clearTimeout(timer);
  }
}

const late = (seconds: number) =>
  new CliError(`The sign-in took longer than ${seconds} s. Run "bastion login" again.`, exitCodes.tryAgain);

/** The person as the API knows them. Tokens that it refuses are of no use, and it says why. */
async function callerOf(settings: Settings, terminal: Terminal, env: Environment) {
  const { user: _, ...values } = settings.values;
  const { api, folder } = await contextOf({ ...settings, values }, terminal, env);
  try {
    const { caller } = await api.list({ limit: 1 });
    // The bastion on the disk may be that of another person, who was signed in before.
    if (recall(folder)?.user !== caller?.user) forget(folder);
    return caller;
  } catch (error) {
    const isRefused = error instanceof ApiError && [401, 403].includes(error.status);
    if (isRefused && values.url !== undefined) forgetGrant(env, endpointOf(settings).url);
    throw error;
  }
}
