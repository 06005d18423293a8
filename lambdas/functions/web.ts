/** `GET /web` sends the page, `GET /web/config` says how people sign in. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { webHandler } from '../http/web/page.ts';
import type { Runtime } from '../runtime.ts';
import { type Environment, readVariables } from '../variables.ts';

export const variables = ['defaultTtlSeconds', 'maxTtlSeconds', 'maxLifetimeSeconds', 'maxSessions'] as const;

export function create(environment: Environment, { log }: Runtime) {
  const limits = readVariables(variables, environment);
  // Lambda names the folder of the bundle in this variable. The build puts the page's parts beside it.
  const read = (name: string) => readFileSync(join(environment.LAMBDA_TASK_ROOT ?? '', name), 'utf8');
  const parts = { script: read('page.js'), style: read('page.css') };
  return webHandler({ log, signIn: () => Promise.resolve({ signIn: 'none' }) }, { parts, limits });
}
