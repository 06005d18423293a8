/** The time of a start that takes a pooled bastion, and the calls to AWS that lie in its path. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../emulator/clock.ts';
import { Closers } from '../local/closers.ts';
import { accessKeyOf } from '../local/cloudformation/deploy.ts';
import { startLocal } from '../local/run.ts';
import { makeKeyPair } from '../test/support/ssh.ts';
import { columns, median, percentile, whole } from './figures.ts';
import { stepsOf, timeline } from './start-path.ts';
import { callMs, type TimedCall } from './starts.ts';

const goals = { answerMs: 1500, steps: 5 };
/** An agent asks for its key once a second, so the starts are spread over a second. */
const spreadMs = 1000;

/** @param count starts, at most 20: the largest pool */
export async function pooledStarts(count: number, parent: Closers): Promise<string> {
  const closers = new Closers();
  parent.add(() => closers.close());
  const directory = await mkdtemp(join(tmpdir(), 'bench-'));
  closers.add(() => rm(directory, { recursive: true }));
  const { publicKey } = await makeKeyPair(directory, 'id');
  const isFull = Promise.withResolvers<void>();
  let waiting = 0;
  let delayMs = 0;
  let calls: TimedCall[] = [];
  const { apiUrl, stack } = await startLocal(
    {
      apiPort: 0,
      awsPort: 0,
      context: { maxSessions: '500', poolSize: String(count) },
      log: ({ line }) => {
        if (line.includes('bastion pooled') && ++waiting === count) isFull.resolve();
      },
      onCall: async (call, proceed) => {
        const begin = performance.now();
        const answer = proceed();
        await Promise.allSettled([answer, realClock.sleep(delayMs)]);
        return answer.finally(() => calls.push({ call, begin, end: performance.now() }));
      },
    },
    closers,
  );
  const caller = stack.functions.flatMap((fn) => (fn.title === 'Start' ? accessKeyOf(fn) : []));
  await isFull.promise;

  const times: number[] = [];
  for (let n = 0; n < count; n++) {
    const isSlow = n === count - 1; // its calls take longer, to show which of them wait for others
    delayMs = isSlow ? callMs : 0;
    calls = [];
    await realClock.sleep((n * spreadMs) / count);
    const requested = performance.now();
    const reply = await fetch(`${apiUrl}/?user=user${n}`, { method: 'POST', body: publicKey });
    const answeredMs = performance.now() - requested;
    if (reply.status !== 200) throw new Error(`Got ${reply.status} ${await reply.text()}, expected a pooled bastion.`);
    if (!isSlow) times.push(answeredMs);
    calls = calls.filter(({ call }) => caller.includes(call.caller ?? ''));
    calls = calls.map((call) => ({ ...call, begin: call.begin - requested, end: call.end - requested }));
  }
  await closers.close();
  const polls = ({ call: { action } }: TimedCall) => action === 'BatchGetItem' || action === 'DescribeTasks';
  const firstPoll = calls.find(polls)?.begin ?? Infinity;
  const taking = calls.filter(({ begin }) => begin < firstPoll);
  return [
    `A start that takes a pooled bastion: its AWS calls (ms since the request; each call made to take ${callMs} ms longer than here)\n\n`,
    timeline(calls),
    '\n',
    columns([
      ['', 'median', 'p95', 'max', 'goal'],
      [
        'request to answer (ms)',
        ...[median(times), percentile(times, 95), Math.max(...times)].map(whole),
        `p95 <= ${goals.answerMs}`,
      ],
    ]),
    `\n${taking.length} calls in ${stepsOf(taking)} steps until the polls (goal: at most ${goals.steps} steps)\n`,
  ].join('');
}
