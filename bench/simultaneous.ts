/** Many people start a bastion in the same moment, and Fargate is slow. It runs in process, on a virtual clock. */
import { AwsError } from '../emulator/wire.ts';
import { deployInProcess } from '../test/support/deployment.ts';
import { asJson, personArn, publicKey } from '../test/support/people.ts';
import { secondMs } from '../test/support/time.ts';
import { withAssembly } from '../test/support/with-assembly.ts';
import { columns, median } from './figures.ts';
import { shown } from './growing.ts';
import { callMs } from './meter.ts';

const counts = [1, 10, 50, 100];
/** The time from RunTask until the image is pulled. */
const slow = { provisioningMs: 6 * secondMs, pendingMs: 2 * secondMs, pullingMs: 12 * secondMs };

/** Returns the table of so many starts at the same time. */
export async function simultaneous(): Promise<string> {
  const rows = await withAssembly(async (assembly) => {
    const measured: string[][] = [];
    for (const count of counts) measured.push(await measure(assembly, count));
    return measured;
  });
  return [
    `A task runs after ${(slow.provisioningMs + slow.pendingMs + slow.pullingMs) / secondMs} s. `,
    `Each call of AWS takes ${callMs} ms on a virtual clock, and AWS keeps to its rates. An answer of 202 or 503 asks the person to try again.\n\n`,
    columns([
      ['starts', '200', '202', '503', 'median s', 'slowest s', 'calls each', 'throttled', 'CPU ms each'],
      ...rows,
    ]),
  ].join('');
}

async function measure(assembly: string, count: number): Promise<string[]> {
  let calls = 0;
  let throttled = 0;
  let sleep = async (_: number) => {};
  const bastions = await deployInProcess(assembly, {
    reaps: false,
    delays: slow,
    environment: { MAX_SESSIONS: String(count), MAX_PER_ROLE: String(count) },
    onCall: async (call, proceed, invocation) => {
      if (invocation?.title !== 'Start' || call.kind === 'delivery') return proceed();
      calls += 1;
      await sleep(callMs);
      return proceed().catch((error: unknown) => {
        if (isThrottling(error)) throttled += 1;
        throw error;
      });
    },
  });
  const { clock } = bastions;
  sleep = (ms) => clock.sleep(ms);
  const beganAt = clock.now();
  const cpu = process.cpuUsage();
  const start = async (n: number) => {
    const { status } = await bastions.send('POST /', {
      by: personArn(`user${n}`),
      body: publicKey(1 + (n % 200)),
      accept: asJson,
    });
    return { status, seconds: (clock.now() - beganAt) / secondMs };
  };
  const answers = await clock.run(Promise.all(Array.from({ length: count }, (_, n) => start(n))));
  const { user, system } = process.cpuUsage(cpu);
  await bastions.aws.close();
  const withStatus = (status: number) => answers.filter((answer) => answer.status === status).length;
  const seconds = answers.map((answer) => answer.seconds);
  const figures = [
    ...[count, ...[200, 202, 503].map(withStatus)],
    ...[median(seconds), Math.max(...seconds), calls / count, throttled, (user + system) / 1000 / count],
  ];
  return figures.map(shown);
}

const isThrottling = (error: unknown): boolean =>
  error instanceof AwsError && ['ThrottlingException', 'RequestLimitExceeded'].includes(error.code);
