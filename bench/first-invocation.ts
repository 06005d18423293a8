/** The first invocation of a function beside the import of its bundle and later invocations, as wall and processor time. */
import { join } from 'node:path';
import * as v from 'valibot';
import { callerArn } from '../local/caller.ts';
import { Closers } from '../local/closers.ts';
import { lambdaEnvironment } from '../local/cloudformation/deploy.ts';
import { type LocalRun, startLocal } from '../local/run.ts';
import { publicKey } from '../test/support/people.ts';
import { run } from '../test/support/ssh.ts';
import { columns, median, whole } from './figures.ts';

const program = join(import.meta.dirname, 'first-invocation-process.js');

const times = v.object({ wallMs: v.number(), cpuMs: v.number() });
const report = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ load: times, invocations: v.array(times), statuses: v.array(v.number()) }),
);
type Report = v.InferOutput<typeof report>;

interface Subject {
  readonly title: string;
  readonly routeKey: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly status: number;
}

/** Returns the table of so many fresh processes for each function. */
export async function firstInvocation(rounds: number, parent: Closers): Promise<string> {
  const closers = new Closers();
  parent.add(() => closers.close());
  const local = await startLocal({ apiPort: 0, awsPort: 0, context: { maxSessions: '500' }, log: () => {} }, closers);
  const rows: string[][] = [];
  for (const name of ['list', 'start'] as const) {
    const reports: Report[] = [];
    for (let round = 0; round < rounds; round += 1) reports.push(await measure(local, subject(name, round)));
    const step = (label: string, timesOf: (one: Report) => v.InferOutput<typeof times> | undefined) => {
      const taken = reports.flatMap((one) => timesOf(one) ?? []);
      const { title, routeKey } = subject(name, 0);
      const head = label === 'import' ? `${title}, ${routeKey}` : '';
      rows.push([
        head,
        label,
        whole(median(taken.map((one) => one.wallMs))),
        whole(median(taken.map((one) => one.cpuMs))),
      ]);
    };
    step('import', ({ load }) => load);
    step('first invocation', ({ invocations }) => invocations[0]);
    step('second', ({ invocations }) => invocations[1]);
    step('third', ({ invocations }) => invocations[2]);
  }
  await closers.close();
  return [
    `A fresh Node process imports a function's bundle and invokes it three times against the local AWS. Medians of ${rounds}. `,
    'The first start makes a bastion without a wait for it, and the later ones find it.\n\n',
    columns([['', 'step', 'wall ms', 'CPU ms'], ...rows]),
  ].join('');
}

const subject = (name: 'list' | 'start', round: number): Subject =>
  name === 'list'
    ? { title: 'Sessions', routeKey: 'GET /sessions', query: {}, status: 200 }
    : {
        title: 'Start',
        routeKey: 'POST /',
        query: { user: `user${round}`, wait: '0' },
        body: publicKey(1 + round),
        status: 202,
      };

async function measure({ stack, aws, awsUrl }: LocalRun, { title, routeKey, query, body, status }: Subject) {
  const fn = stack.functions.find((one) => one.title === title);
  if (fn === undefined) throw new Error(`The stack has no function "${title}".`);
  const [method, path] = routeKey.split(' ');
  const event = {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: String(new URLSearchParams(query)),
    headers: {},
    queryStringParameters: query,
    body,
    isBase64Encoded: false,
    requestContext: {
      requestId: 'bench',
      http: { method, path, sourceIp: '127.0.0.1' },
      authorizer: { iam: { userArn: callerArn(aws.accountId) } },
    },
  };
  const { code, stdout, stderr } = await run(
    process.execPath,
    [program, fn.bundle, JSON.stringify(event)],
    lambdaEnvironment(fn, aws, awsUrl),
  );
  const last = stdout.split('\n').at(-1) ?? '';
  if (code !== 0) throw new Error(`The function ${title} ended with ${code}, expected 0.\n${stdout}${stderr}`);
  const result = v.parse(report, last);
  const wrong = result.statuses.find((one) => one !== status && one !== 200);
  if (wrong !== undefined) throw new Error(`${routeKey} answered ${wrong}, expected ${status}.\n${stdout}`);
  return result;
}
