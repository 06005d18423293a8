/**
 * Every call on a path × everything that can happen to it, one at a time: what the caller is told, and how many reaper passes
 * later nothing is amiss any more.
 */
import { type Deployment, deployInProcess, key } from '../support/deployment.ts';
import { Dice } from './dice.ts';
import { faultsOf, happens } from './faults.ts';
import { Oracle } from './oracle.ts';
import { checkRest } from './rest.ts';

const minuteMs = 60_000;
/** A start lease and two passes, with a pass to spare. */
const mostPasses = 5;

const claim = 'user#ann';
const ann = { query: { user: 'ann', ttl: '10m' }, body: key(1), from: '198.51.100.4', accept: 'application/json' };
type Ask = (route: string) => Promise<string>;

interface Path {
  /** The functions whose calls make the path. */
  readonly functions: readonly string[];
  /** What happens before the calls of the path count. */
  readonly before: (bastions: Deployment, ask: Ask) => Promise<unknown>;
  /** What the caller is told, in the end. */
  readonly act: (bastions: Deployment, ask: Ask) => Promise<string>;
}

const pass = async (bastions: Deployment) => {
  await bastions.clock.advance(minuteMs);
  const { functionError } = await bastions.invoke('Reaper');
  return functionError ? 'reaper failed' : 'reaper done';
};

export const paths: Readonly<Record<string, Path>> = {
  start: { functions: ['Start'], before: async () => {}, act: (_, ask) => ask('POST /') },
  stop: { functions: ['Stop'], before: (_, ask) => ask('POST /'), act: (_, ask) => ask('DELETE /') },
  converge: {
    functions: ['Teardown', 'TaskStopped'],
    before: async (_, ask) => {
      await ask('POST /');
      await ask('DELETE /');
    },
    act: async (bastions) => {
      await bastions.clock.advance(5000);
      return '–';
    },
  },
  reap: {
    functions: ['Reaper'],
    before: async (bastions, ask) => {
      await ask('POST /');
      await bastions.clock.advance(11 * minuteMs);
    },
    act: pass,
  },
};

export interface Outcome {
  readonly path: string;
  /** `RunTask`, or `PutItem #2` for the second of its kind. */
  readonly call: string;
  readonly fault: string;
  /** What the caller was told. */
  readonly told: string;
  /** Reaper passes until nothing was amiss; undefined when it never came to that. */
  readonly passes: number | undefined;
  readonly violations: readonly string[];
}

/** The calls that a path makes when nothing happens, in order. */
export async function callsOf(assembly: string, path: string): Promise<string[]> {
  const calls: string[] = [];
  await runPath(assembly, path, (action) => {
    calls.push(action);
    return undefined;
  });
  return calls;
}

/** All outcomes of a path. Repeated looks at a task that is still starting count once. */
export async function* outcomesOf(assembly: string, path: string): AsyncGenerator<Outcome> {
  const calls = await callsOf(assembly, path);
  for (const [n, action] of calls.entries()) {
    const nth = calls.slice(0, n + 1).filter((other) => other === action).length;
    if (action.startsWith('Describe') && nth > 2) continue;
    for (const fault of faultsOf(action)) {
      let seen = 0;
      const run = await runPath(assembly, path, () => (seen++ === n ? fault : undefined));
      yield { path, call: nameOf(action, nth), fault, ...run };
    }
    let seen = 0;
    const run = await runPath(assembly, path, (other) => (seen++ >= n && other === action ? outage : undefined));
    yield { path, call: nameOf(action, nth), fault: 'errors from here on', ...run };
  }
}

/** Outlasts every retry. */
const outage = 'error before its effect';

const nameOf = (action: string, nth: number): string => (nth === 1 ? action : `${action} #${nth}`);

async function runPath(assembly: string, name: string, faultAt: (action: string) => string | undefined) {
  const path = paths[name];
  if (!path) throw new Error(`There is no path ${name}.`);
  let bastions: Deployment | undefined;
  let counts = false;
  const stage = () => {
    if (!bastions) throw new Error('The stack is not deployed yet.');
    return bastions;
  };
  const oracle = new Oracle(stage);
  const dice = new Dice(1);
  bastions = await deployInProcess(assembly, {
    reaps: false,
    onCall: (call, proceed, invocation) => {
      const watched = () => oracle.watch(call, proceed);
      const onPath = counts && call.kind === 'api' && invocation && path.functions.includes(invocation.title);
      const fault = onPath ? faultAt(call.action) : undefined;
      if (fault === undefined || !invocation) return watched();
      oracle.fault(invocation.title, fault);
      return happens(fault, { call, proceed: watched, clock: stage().clock, dice, invocation });
    },
  });
  oracle.begin();
  const ask: Ask = async (route) => {
    const answer = await stage().clock.run(oracle.ask(claim, route, ann));
    return answer ? String(answer.status) : 'no answer';
  };
  counts = path.functions.includes('Teardown');
  await path.before(bastions, ask);
  counts = true;
  const told = await path.act(bastions, ask);
  counts = false;
  const passes = await passesUntilClean(bastions, oracle);
  await bastions.aws.close();
  return { told, passes, violations: oracle.violations };
}

async function passesUntilClean(bastions: Deployment, oracle: Oracle): Promise<number | undefined> {
  for (let passes = 0; passes <= mostPasses; passes++) {
    const before = oracle.violations.length;
    await checkRest(bastions, oracle);
    if (oracle.violations.length === before) return passes;
    oracle.violations.splice(before); // not yet: what is amiss now may still be put right
    await pass(bastions);
  }
  return undefined;
}
