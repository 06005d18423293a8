/** The way to AWS through the proxy that the environment names. */
import type { Environment } from '../state/places.ts';
import { CliError, exitCodes } from '../terminal/errors.ts';
import { useProxy } from './http.ts';

/** Whether requests over TLS go through a proxy. */
export const namesProxy = (env: Environment): boolean => Boolean(env.HTTPS_PROXY || env.https_proxy);

/** Node looks for a proxy in the environment only if it is told to. Older Nodes cannot. */
export function heedProxy(env: Environment): void {
  if (!namesProxy(env) || useProxy()) return;
  throw new CliError(
    `HTTPS_PROXY is set, and Node ${process.versions.node} cannot use it. Update to Node 24.14 or newer.`,
    exitCodes.failed,
  );
}
