/** Starts bastions on this machine, one after the other, and notes when what happened. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { containers } from '../contracts/agent.ts';
import { realClock } from '../emulator/clock.ts';
import type { Call } from '../emulator/wire.ts';
import { Closers } from '../local/closers.ts';
import { accessKeyOf } from '../local/cloudformation/deploy.ts';
import { type LocalRun, startLocal } from '../local/run.ts';
import { makeKeyPair } from '../test/support/ssh.ts';

export interface TimedCall {
  readonly call: Call;
  readonly begin: number;
  readonly end: number;
}

/** One POST / until its answer. All times are milliseconds since the request. */
export interface Start {
  /** The calls of the start function to AWS, in their order. */
  readonly calls: readonly TimedCall[];
  /** sshd has logged that it listens. */
  readonly sshdUp: number;
  /** ECS knows that the `ready` container has exited. */
  readonly known: number;
  readonly answered: number;
}

interface Seen {
  readonly calls: TimedCall[];
  sshdUp?: number;
  known?: number;
}

export interface Starts {
  /** The function had to be loaded first. From here on it is. */
  readonly cold: Start;
  /** Each call took `callMs` longer, so that it shows which ones wait for others. */
  readonly slow: Start;
  readonly warm: readonly Start[];
}

export const callMs = 20;

/**
 * AWS answers RunTask when it likes; the emulation does so at once, and every start would poll at the same moments of its
 * task's life. So each warm start gets its answer later than the one before, spread over one pause between two polls.
 */
const spreadMs = 250;

/** @param count number of warm starts */
export async function measureStarts(count: number, parent: Closers): Promise<Starts> {
  const closers = new Closers();
  parent.add(() => closers.close());
  const directory = await mkdtemp(join(tmpdir(), 'bench-'));
  closers.add(() => rm(directory, { recursive: true }));
  const { publicKey } = await makeKeyPair(directory, 'id');

  let seen: Seen = { calls: [] };
  let requested = 0;
  let laterMs = (_call: Call) => 0;
  const now = () => performance.now() - requested;
  const run = await startLocal(
    {
      apiPort: 0,
      awsPort: 0,
      context: {},
      log: ({ line }) => {
        if (line.includes('"level":"ERROR"')) console.error(line);
        if (line.includes('Server listening')) seen.sshdUp ??= now();
      },
      onCall: async (call, proceed) => {
        const begin = now();
        const answer = proceed();
        await Promise.allSettled([answer, realClock.sleep(laterMs(call))]);
        return answer.finally(() => seen.calls.push({ call, begin, end: now() }));
      },
    },
    closers,
  );
  onReady(run, () => {
    seen.known ??= now();
  });

  const starter = callerOf(run, 'Start');
  async function start(user: string, later: (call: Call) => number): Promise<Start> {
    laterMs = later;
    seen = { calls: [] };
    requested = performance.now();
    const reply = await fetch(`${run.apiUrl}/?user=${user}`, { method: 'POST', body: publicKey });
    const text = await reply.text();
    const answered = now();
    const { calls, sshdUp, known } = seen;
    if (reply.status !== 200 || sshdUp === undefined || known === undefined) {
      throw new Error(
        `Got ${reply.status} ${text} with sshd up at ${sshdUp} ms, known at ${known} ms; expected 200 after both.`,
      );
    }
    const own = calls.filter(({ call }) => call.caller === starter).sort((a, b) => a.begin - b.begin);
    return { calls: own, sshdUp, known, answered };
  }

  const cold = await start('cold', () => 0);
  const slow = await start('slow', () => callMs);
  const warm: Start[] = [];
  for (let at = 0; at < count; at += 1) {
    const lateMs = (at / count) * spreadMs;
    warm.push(await start(`warm-${at}`, ({ action }) => (action === 'RunTask' ? lateMs : 0)));
  }
  await closers.close();
  return { cold, slow, warm };
}

const taskChange = v.object({
  detail: v.object({
    taskArn: v.string(),
    containers: v.array(v.object({ name: v.string(), exitCode: v.optional(v.number()) })),
  }),
});

/** Hears once of every task that is ready, as anybody in the account can: by a rule and a function. */
function onReady({ aws }: LocalRun, hear: () => void): void {
  // Once: the end of its other containers is told late, and may be while the next task starts.
  const heard = new Set<string>();
  aws.lambda.registerFunction({
    name: 'bench',
    timeoutSeconds: 3,
    invoke: async (event) => {
      const { detail } = v.parse(taskChange, event);
      const isReady = detail.containers.some(({ name, exitCode }) => name === containers.ready && exitCode === 0);
      if (!isReady || heard.has(detail.taskArn)) return;
      heard.add(detail.taskArn);
      hear();
    },
  });
  aws.events.putRule({ name: 'bench', pattern: { source: ['aws.ecs'] }, targets: ['bench'] });
}

function callerOf({ stack }: LocalRun, title: string): string {
  const fn = stack.functions.find((one) => one.title === title);
  if (fn === undefined) throw new Error(`The stack has no function "${title}".`);
  return accessKeyOf(fn);
}
