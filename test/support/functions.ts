/** The real handler of each function, in a runtime of the test's own. */
import type { Entry } from '../../contracts/stack.ts';
import * as announce from '../../lambdas/functions/announce.ts';
import * as drain from '../../lambdas/functions/drain.ts';
import * as health from '../../lambdas/functions/health.ts';
import * as pool from '../../lambdas/functions/pool.ts';
import * as reaper from '../../lambdas/functions/reaper.ts';
import * as sessions from '../../lambdas/functions/sessions.ts';
import * as start from '../../lambdas/functions/start.ts';
import * as stop from '../../lambdas/functions/stop.ts';
import * as sweeper from '../../lambdas/functions/sweeper.ts';
import * as taskStopped from '../../lambdas/functions/task-stopped.ts';
import * as teardown from '../../lambdas/functions/teardown.ts';
import * as web from '../../lambdas/functions/web.ts';
import * as webhookStart from '../../lambdas/functions/webhook-start.ts';
import * as webhookStop from '../../lambdas/functions/webhook-stop.ts';
import type { Runtime } from '../../lambdas/runtime.ts';
import type { Environment, Variable } from '../../lambdas/variables.ts';

export type Handler = (event: unknown) => Promise<unknown>;

/** The shape of every file in `lambdas/functions`. */
interface FunctionModule {
  readonly variables: readonly Variable[];
  readonly create: (environment: Environment, runtime: Runtime) => Handler;
}

export const functions: Readonly<Record<Entry, FunctionModule>> = {
  announce,
  drain,
  health,
  pool,
  reaper,
  sessions,
  start,
  stop,
  sweeper,
  'task-stopped': taskStopped,
  teardown,
  web,
  'webhook-start': webhookStart,
  'webhook-stop': webhookStop,
};

/** `task-stopped` in the form of `StackFunction.title`: `TaskStopped`. */
export const titleOf = (entry: string): string =>
  entry.replace(/(^|-)(.)/g, (_, _dash, letter: string) => letter.toUpperCase());

/** The function with this title. Throws when the stack has a function that `lambdas/functions` lacks. */
export function functionOf(title: string): FunctionModule {
  const [, found] = Object.entries(functions).find(([entry]) => titleOf(entry) === title) ?? [];
  if (found) return found;
  throw new Error(
    `The stack has a function ${title}, expected one of ${Object.keys(functions).map(titleOf).join(', ')}.`,
  );
}
