/**
 * `npm run bench` measures the project's speed, sizes and growth on this machine, and prints each figure beside its goal. It
 * exits 1 when a figure grows that must stay flat, or when a section cannot run. `--help` lists the options.
 */
import { Closers } from '../local/closers.ts';
import { answerDelay } from './answer-delay.ts';
import { bundles } from './bundles.ts';
import { command } from './command.ts';
import { firstInvocation } from './first-invocation.ts';
import { growth } from './growth.ts';
import { images } from './images.ts';
import { npmStart } from './npm-start.ts';
import { parseOptions, usage } from './options.ts';
import { pooledStarts } from './pooled-starts.ts';
import { record, type Section } from './report.ts';
import { simulationRate } from './simulation-rate.ts';
import { simultaneous } from './simultaneous.ts';
import { startPath } from './start-path.ts';
import { measureStarts } from './starts.ts';
import { tunnels } from './tunnels.ts';

const closers = new Closers();
const growing: string[] = [];

const sections: readonly Section[] = [
  {
    name: 'growth',
    title: 'Growth',
    how: "The deployed functions run in process on the emulated AWS, whose table holds ever more rows written by hand. The figures of a person's request must be flat.",
    measure: async () => {
      const grown = await growth((text) => console.error(text));
      growing.push(...grown.growing);
      return [grown.text, ...grown.growing].join('\n');
    },
  },
  {
    name: 'simultaneous',
    title: 'Simultaneous starts with a slow Fargate',
    how: 'So many people send `POST /` in the same moment, in process. The calls of each start must stay flat, and everybody should get an answer of 200.',
    measure: simultaneous,
  },
  {
    name: 'on-demand',
    title: 'On-demand starts',
    how: 'A local run starts bastions one after the other, with a real sshd for each.',
    measure: async () => {
      const starts = await measureStarts(20, closers);
      return [startPath(starts), answerDelay(starts.warm)].join('\n');
    },
  },
  {
    name: 'pooled',
    title: 'Pooled starts',
    how: 'A local run fills its pool, and people take one bastion after the other.',
    measure: () => pooledStarts(20, closers),
  },
  {
    name: 'first-invocation',
    title: 'First invocation',
    how: 'Lambda does the first two steps in a new execution environment, and the others in one that it has. These should take a small part of the first.',
    measure: () => firstInvocation(9, closers),
  },
  {
    name: 'bundles',
    title: 'Bundles',
    how: "The size of each function's bundle, and the time of a process that loads it.",
    measure: () => bundles(11, closers),
  },
  {
    name: 'images',
    title: 'Images',
    how: '`docker save` and gzip give the size of each image that this machine has built.',
    measure: images,
  },
  {
    name: 'npm-start',
    title: 'Local run',
    how: '`npm start` as a person types it, from the command to its line "ready", and the memory of its processes then.',
    measure: () => npmStart(3, closers),
  },
  {
    name: 'command',
    title: 'Command',
    how: "The processor's time of the command, beside Node alone and the commands of others where they are installed.",
    measure: () => command(21, closers),
  },
  {
    name: 'tunnels',
    title: 'Tunnels',
    how: 'Connections through tunnels of the command, of ssh alone, and without any.',
    measure: () => tunnels(3, closers),
  },
  {
    name: 'simulation',
    title: 'Simulation rate',
    how: 'The simulation runs random worlds for a short time.',
    measure: () => simulationRate(200),
  },
];

/** Measures a section. @returns whether it could run */
async function run(section: Section, isRecorded: boolean): Promise<boolean> {
  console.log(`\n${section.title}. ${section.how}\n`);
  try {
    const text = await section.measure();
    console.log(text);
    if (isRecorded) await record(section, text);
    return true;
  } catch (error) {
    console.error(`${section.title}: not measured.`, error);
    return false;
  }
}

async function main(): Promise<number> {
  const names = sections.map(({ name }) => name);
  const options = parseOptions(process.argv.slice(2), names);
  if (options === 'help') {
    console.log(usage(names));
    return 0;
  }
  const failedNames: string[] = [];
  for (const section of sections) {
    if (options.only.length > 0 && !options.only.includes(section.name)) continue;
    if (!(await run(section, options.record))) failedNames.push(section.name);
  }
  for (const sentence of growing) console.log(`This must stay flat, and grows. ${sentence}`);
  if (failedNames.length > 0) console.log(`Not measured: ${failedNames.join(', ')}. The errors above say why.`);
  return growing.length + failedNames.length === 0 ? 0 : 1;
}

closers.closeOnSignal();
try {
  process.exitCode = await main();
} finally {
  await closers.close();
}
