/**
 * The calls, read units and time of each function as the history and the number of live sessions grow. It runs in process, on a
 * virtual clock.
 */

import { type Deployment, deployInProcess } from '../test/support/deployment.ts';
import { putSessions } from '../test/support/many-sessions.ts';
import { admin, asJson, personArn, publicKey } from '../test/support/people.ts';
import { minuteMs } from '../test/support/time.ts';
import { withAssembly } from '../test/support/with-assembly.ts';
import { columns, whole } from './figures.ts';
import { growing, type Series, shown } from './growing.ts';
import { type Cost, callMs, Meter } from './meter.ts';
import { frequentUser, putHistory, putPlaces } from './rows.ts';

export interface Growth {
  readonly text: string;
  /** A sentence for each figure that must stay flat and grows. */
  readonly growing: readonly string[];
}

interface Size {
  readonly rows: number;
  readonly live: number;
}

const fewLive = 10;
const fewRows = 1000;
const rowSizes: readonly Size[] = [1000, 10_000, 100_000].map((rows) => ({ rows, live: fewLive }));
const liveSizes: readonly Size[] = [10, 500, 5000].map((live) => ({ rows: fewRows, live }));
/** All places but this many are taken, as far as there are live sessions. */
const places = { most: 500, free: 10 };

type Act = (bastions: Deployment) => Promise<unknown>;

interface Subject {
  readonly name: string;
  /** Its subject and verb, before "reads" or the like. */
  readonly says: string;
  readonly title: string;
  readonly act: Act;
  /** True where the work is as much as there are live sessions, so that each of them must cost the same. */
  readonly goesThroughLive?: true;
}

const user = frequentUser;
const answers200 = async (reply: Promise<{ status: number; body: string }>) => {
  const { status, body } = await reply;
  if (status !== 200) throw new Error(`Got ${status} ${body}, expected 200.`);
};
const pass =
  (title: string, event: object): Act =>
  async (bastions) => {
    const { functionError, payload } = await bastions.invoke(title, event);
    if (functionError !== undefined) throw new Error(`The function ${title} failed: ${payload}`);
  };

const by = personArn(user);
const subjects: readonly Subject[] = [
  {
    name: 'start (POST /)',
    says: 'A start',
    title: 'Start',
    act: (bastions) => answers200(bastions.call('POST /', { by, body: publicKey(1), accept: asJson })),
  },
  {
    name: 'look (GET /)',
    says: 'A look',
    title: 'Sessions',
    act: (bastions) => answers200(bastions.call('GET /', { by })),
  },
  {
    name: "list of a person's sessions",
    says: "A list of a person's sessions",
    title: 'Sessions',
    act: (bastions) => answers200(bastions.call('GET /sessions', { by })),
  },
  {
    name: 'list of everybody by an admin',
    says: "An admin's list of everybody's sessions",
    title: 'Sessions',
    act: (bastions) => answers200(bastions.call('GET /sessions', { by: admin })),
  },
  {
    name: 'the same, running ones alone',
    says: "An admin's list of running sessions",
    title: 'Sessions',
    goesThroughLive: true,
    act: (bastions) => answers200(bastions.call('GET /sessions', { by: admin, query: { state: 'running' } })),
  },
  {
    name: 'reaper, all live ones due',
    says: "The reaper's pass",
    title: 'Reaper',
    goesThroughLive: true,
    act: pass('Reaper', {}),
  },
  {
    name: 'sweeper',
    says: 'A sweep',
    title: 'Sweeper',
    goesThroughLive: true,
    act: pass('Sweeper', { dryRun: false }),
  },
];

/** Measures growth. @param note is told each size before it is measured */
export async function growth(note: (text: string) => void): Promise<Growth> {
  return withAssembly(async (assembly) => {
    const measureAll = async (sizes: readonly Size[]) => {
      const measured: Measured[] = [];
      for (const size of sizes) {
        note(`growth: ${shown(size.rows)} rows, ${shown(size.live)} live sessions`);
        measured.push({ size, costs: await measure(assembly, size) });
      }
      return measured;
    };
    const byRows = await measureAll(rowSizes);
    const byLive = await measureAll(liveSizes);
    const atRows = ({ size }: Measured) => `${shown(size.rows)} rows`;
    const atLive = ({ size }: Measured) => `${shown(size.live)} live sessions`;
    return {
      text: [
        `Each call of AWS takes ${callMs} ms on a virtual clock. Calls, read units and that time are the same on every machine. `,
        'The processor time is that of this machine. Much of it is the emulated AWS: its EC2 looks through all groups for each call. A read unit is a strongly consistent read of 4 KB.\n\n',
        `As the history grows, with ${fewLive} live sessions. Everything but the processor time must stay flat.\n\n`,
        tableOf(byRows, 'rows', ({ rows }) => rows),
        `\nAs the number of live sessions grows, with ${shown(fewRows)} rows of history. `,
        'Starts, looks and other lists must stay flat, and so must what reaper, sweeper and the list of running sessions spend on each.\n\n',
        tableOf(byLive, 'live', ({ live }) => live),
      ].join(''),
      growing: [
        ...growing([...seriesOf(byRows, atRows, () => 1), ...seriesOf(byLive, atLive, shareOf)]),
        ...failuresOf(byRows, atRows),
        ...failuresOf(byLive, atLive),
      ],
    };
  });
}

interface Measured {
  readonly size: Size;
  readonly costs: readonly Cost[];
}

const failuresOf = (measured: readonly Measured[], at: (one: Measured) => string): string[] =>
  measured.flatMap((one) =>
    one.costs.flatMap(({ failure }, nth) =>
      failure === undefined ? [] : `${subjects[nth]?.says} fails at ${at(one)}: ${reasonIn(failure)}`,
    ),
  );

/** The reason in the error of a function, without the time and the id of its invocation. */
const reasonIn = (failure: string): string => /"errorMessage":"(?:\S+Z \S+ )?([^"]+)"/.exec(failure)?.[1] ?? failure;

const shareOf = ({ goesThroughLive }: Subject, { live }: Size): number => (goesThroughLive ? live : 1);

/** A pass reads by the hundred, so its share of few sessions says nothing of the share of many. */
const fewestOfPass = 500;

async function measure(assembly: string, { rows, live }: Size): Promise<readonly Cost[]> {
  const meter = new Meter();
  const bastions = await deployInProcess(assembly, {
    reaps: false,
    onCall: meter.onCall,
    environment: { MAX_SESSIONS: String(places.most), MAX_PER_ROLE: String(places.most) },
  });
  meter.connect(bastions);
  const sessions = await putSessions(bastions, live);
  putHistory(bastions, rows);
  putPlaces(bastions, sessions.slice(0, places.most - places.free));
  // The table's stream has been read before the first figure.
  await bastions.clock.advance(minuteMs);
  const costs: Cost[] = [];
  for (const { title, act } of subjects) {
    // Tasks settle, and every row becomes due.
    if (title === 'Reaper') await bastions.clock.advance(6 * minuteMs);
    costs.push(await meter.measure(title, () => act(bastions)));
  }
  await bastions.aws.close();
  return costs;
}

function tableOf(measured: readonly Measured[], heading: string, sizeOf: (size: Size) => number): string {
  const sizes = measured.map(({ size }) => shown(sizeOf(size)));
  const rows = subjects.flatMap(({ name }, at) =>
    measured.map(({ costs }, nth) => {
      const cost = costs[at];
      const figures = cost ? [cost.calls, cost.readUnits, cost.virtualMs].map(shown) : [];
      const failed = cost?.failure === undefined ? [] : ['failed'];
      return [nth === 0 ? name : '', sizes[nth] ?? '', ...figures, cost ? whole(cost.cpuMs) : '', ...failed];
    }),
  );
  return columns([['', heading, 'calls', 'read units', 'virtual ms', 'CPU ms'], ...rows]);
}

/** The figures that must stay flat. @param share the number by which a subject's figures are divided */
function seriesOf(
  measured: readonly Measured[],
  at: (one: Measured) => string,
  share: (subject: Subject, size: Size) => number,
): Series[] {
  const figures = [
    { verb: 'makes', unit: 'calls', of: ({ calls }: Cost) => calls },
    { verb: 'reads', unit: 'units', of: ({ readUnits }: Cost) => readUnits },
    { verb: 'takes', unit: 'ms of virtual time', of: ({ virtualMs }: Cost) => virtualMs },
  ];
  return subjects.flatMap((subject, nth) => {
    const isShared = measured.some(({ size }) => share(subject, size) > 1);
    const judged = isShared ? measured.filter(({ size }) => size.live >= fewestOfPass) : measured;
    return figures.map(({ verb, unit, of }) => ({
      says: `${subject.says} ${verb}`,
      unit: isShared ? `${unit} for each session` : unit,
      points: judged.flatMap((one) => {
        const cost = one.costs[nth];
        return cost ? [{ at: at(one), value: of(cost) / share(subject, one.size) }] : [];
      }),
    }));
  });
}
