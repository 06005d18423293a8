/** Starts bastions on this machine, one after the other, and notes the time of each step. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { handoff } from '../contracts/agent.ts';
import { realClock } from '../emulator/clock.ts';
import type { Call } from '../emulator/wire.ts';
import { Closers } from '../local/closers.ts';
import { accessKeyOf } from '../local/cloudformation/deploy.ts';
import { type LocalRun, startLocal } from '../local/run.ts';
import { makeKeyPair } from '../test/support/ssh.ts';

/** A call of AWS with its times. */
export interface TimedCall {
  readonly call: Call;
  readonly begin: number;
  readonly end: number;
}

/** One POST / until its answer. Its times are in milliseconds since the request. */
export interface Start {
  /** The calls of the start function to AWS, in their order. */
  readonly calls: readonly TimedCall[];
  /** The time at which sshd has logged that it listens. */
  readonly sshdUp: number;
  /** The time at which AWS has deleted the handoff item, by which the agent says that it is up. */
  readonly taken: number;
  readonly answered: number;
}

interface Notes {
  readonly calls: TimedCall[];
  sshdUp?: number;
  taken?: number;
}

/** The measured starts. */
export interface Starts {
  /** The first start, which has to load the function. */
  readonly cold: Start;
  /** A start whose calls took `callMs` longer, to show which of them wait for others. */
  readonly slow: Start;
  readonly warm: readonly Start[];
}

/** The time by which each call of the slow start is longer. */
export const callMs = 20;

/**
 * The emulation answers RunTask at once, so that every start would poll at the same moments of its task's life. Each warm start
 * therefore gets its answer later than the one before. The answers are spread over one pause between two polls.
 */
const spreadMs = 200;

/** Measures starts. @param count is the number of warm ones */
export async function measureStarts(count: number, parent: Closers): Promise<Starts> {
  const closers = new Closers();
  parent.add(() => closers.close());
  const directory = await mkdtemp(join(tmpdir(), 'bench-'));
  closers.add(() => rm(directory, { recursive: true }));
  const { publicKey } = await makeKeyPair(directory, 'id');

  let notes: Notes = { calls: [] };
  let requested = 0;
  let starter = '';
  let delayOf = (_call: Call) => 0;
  const now = () => performance.now() - requested;
  const run = await startLocal(
    {
      apiPort: 0,
      awsPort: 0,
      context: { maxSessions: '500' },
      log: ({ line }) => {
        if (line.includes('"level":"ERROR"')) console.error(line);
        if (line.includes('Server listening')) notes.sshdUp ??= now();
      },
      onCall: async (call, proceed) => {
        const begin = now();
        const answer = proceed();
        await Promise.allSettled([answer, realClock.sleep(delayOf(call))]);
        return answer.finally(() => {
          notes.calls.push({ call, begin, end: now() });
          if (takesHandoffOf(notes, call)) notes.taken ??= now();
        });
      },
    },
    closers,
  );
  starter = callerOf(run, 'Start');
  async function start(user: string, later: (call: Call) => number): Promise<Start> {
    delayOf = later;
    notes = { calls: [] };
    requested = performance.now();
    const reply = await fetch(`${run.apiUrl}/?user=${user}`, { method: 'POST', body: publicKey });
    const text = await reply.text();
    const answered = now();
    const { calls, sshdUp, taken } = notes;
    if (reply.status !== 200 || sshdUp === undefined || taken === undefined) {
      throw new Error(
        `Got ${reply.status} ${text} with sshd up at ${sshdUp} ms and its handoff taken at ${taken} ms, expected 200 after both.`,
      );
    }
    const ownCalls = calls.filter(({ call }) => call.caller === starter).sort((a, b) => a.begin - b.begin);
    return { calls: ownCalls, sshdUp, taken, answered };
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

/** True when the call deletes the item that this start has written. Earlier agents delete theirs a second time meanwhile. */
function takesHandoffOf({ calls }: Notes, { action, input }: Call): boolean {
  const deleted = action === 'DeleteItem' ? v.safeParse(keyInput, input) : undefined;
  if (!deleted?.success) return false;
  const key = deleted.output.Key[handoff.key].S;
  return calls.some(({ call }) => call.action === 'PutItem' && JSON.stringify(call.input).includes(`"${key}"`));
}

const keyInput = v.object({ Key: v.object({ [handoff.key]: v.object({ S: v.string() }) }) });

function callerOf({ stack }: LocalRun, title: string): string {
  const fn = stack.functions.find((one) => one.title === title);
  if (fn === undefined) throw new Error(`The stack has no function "${title}".`);
  return accessKeyOf(fn);
}
