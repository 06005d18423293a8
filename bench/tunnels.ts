/** Tunnels of the command: many connections at once, and the speed of one, beside the same by ssh alone. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import * as v from 'valibot';
import { Closers } from '../local/closers.ts';
import { freePort } from '../local/fargate/addresses.ts';
import type { Person } from '../test/cli/person.ts';
import { exitOf, makeKeyPair, run, type SshTarget, startSsh } from '../test/support/ssh.ts';
import { columns, median, whole } from './figures.ts';
import { listening } from './listening.ts';
import { personOfLocalRun } from './person-of-local-run.ts';

const tunnelCount = 3;
const connectionCount = 200;
const echoBytes = 64 * 1024;
const chunk = randomBytes(1024 * 1024);
const chunkCount = 500;

const opened = v.pipe(v.string(), v.parseJson(), v.array(v.object({ localPort: v.number() })));
const bastion = v.pipe(v.string(), v.parseJson(), v.object({ host: v.string(), port: v.number(), login: v.string() }));

/** Measures tunnels, and returns their table. @param rounds is the number of downloads by each way, in turn */
export async function tunnels(rounds: number, parent: Closers): Promise<string> {
  const closers = new Closers();
  parent.add(() => closers.close());
  const { person } = await personOfLocalRun(closers);
  const key = await makeKeyPair(person.home, 'id');
  const up = await person.bastion('up', '--json', '--key', key.privateKey);
  const { login, ...place } = v.parse(bastion, up.stdout);
  const target = { ...place, login, identity: key.privateKey };

  const [echo, download] = await Promise.all([
    listening(
      createServer((socket) => socket.pipe(socket)),
      closers,
    ),
    servedChunks(closers),
  ]);
  const ways: readonly Way[] = [
    { name: 'bastion tunnel', open: (port, count, work) => byCommand(person, key.privateKey, port, count, work) },
    { name: 'ssh -L alone', open: (port, count, work) => bySsh(target, port, count, work) },
    { name: 'no tunnel', open: (port, count, work) => work(Array<number>(count).fill(port)) },
  ];
  const echoes = await inTurn(ways, ({ open }) => open(echo, tunnelCount, echoedSeconds));
  const speeds: number[][] = ways.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    const taken = await inTurn(ways, ({ open }) => open(download, 1, ([port = 0]) => downloadedMBps(port)));
    for (const [index, speed] of taken.entries()) speeds[index]?.push(speed);
  }
  await closers.close();
  const rows = ways.map(({ name }, index) => {
    const all = speeds[index] ?? [];
    return [
      name,
      (echoes[index] ?? Number.NaN).toFixed(1),
      ...[median(all), Math.min(...all), Math.max(...all)].map(whole),
    ];
  });
  return [
    `Tunnels: ${connectionCount} connections at once through each of ${tunnelCount} (s), and ${chunkCount} MiB through one (MB/s, ${rounds} times in turn). `,
    'Everything came back intact.\n\n',
    columns([['', `${tunnelCount * connectionCount} connections`, 'median MB/s', 'min', 'max'], ...rows]),
  ].join('');
}

type Work<T> = (localPorts: readonly number[]) => Promise<T>;

/** A way to a port behind the bastion, with as many local ports as asked. They close after the work. */
interface Way {
  readonly name: string;
  readonly open: <T>(port: number, count: number, work: Work<T>) => Promise<T>;
}

async function inTurn<T>(ways: readonly Way[], measure: (way: Way) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (const way of ways) results.push(await measure(way));
  return results;
}

/** Serves the same chunk again and again. @returns the port */
const servedChunks = (closers: Closers): Promise<number> =>
  listening(
    createHttpServer((_request, response) => {
      Readable.from(Array.from({ length: chunkCount }, () => chunk)).pipe(response);
    }),
    closers,
  );

const chunksHash = (() => {
  const hash = createHash('sha256');
  for (let count = 0; count < chunkCount; count += 1) hash.update(chunk);
  return hash.digest('hex');
})();

/** Downloads everything, and throws if it is not intact. @returns megabytes in a second */
async function downloadedMBps(port: number): Promise<number> {
  const startedAt = performance.now();
  const { stdout } = await run('sh', ['-c', `curl -sS http://127.0.0.1:${port} | sha256sum`]);
  const seconds = (performance.now() - startedAt) / 1000;
  if (!stdout.startsWith(chunksHash)) throw new Error(`Got the hash ${stdout}, expected ${chunksHash}.`);
  return (chunkCount * chunk.length) / 1e6 / seconds;
}

async function byCommand<T>(person: Person, key: string, port: number, count: number, work: Work<T>): Promise<T> {
  const child = person.start('tunnel', '--json', '--key', key, ...Array<string>(count).fill(`0:127.0.0.1:${port}`));
  let output = '';
  for await (const text of child.stdout) {
    output += text;
    if (output.endsWith(']\n')) break;
  }
  try {
    return await work(v.parse(opened, output).map(({ localPort }) => localPort));
  } finally {
    child.kill('SIGINT');
    await exitOf(child);
  }
}

async function bySsh<T>(target: SshTarget, port: number, count: number, work: Work<T>): Promise<T> {
  const localPorts: number[] = [];
  for (let number = 0; number < count; number += 1) localPorts.push(await freePort());
  const forwards = localPorts.flatMap((localPort) => ['-L', `127.0.0.1:${localPort}:127.0.0.1:${port}`]);
  const open = ['-o', 'PermitLocalCommand=yes', '-o', 'LocalCommand=echo open'];
  const child = startSsh({ ...target, options: ['-N', ...open, ...forwards] });
  await once(child.stdout, 'data');
  try {
    return await work(localPorts);
  } finally {
    child.kill();
    await exitOf(child);
  }
}

/** Opens every connection before it sends through the first. @returns the seconds until all have come back */
async function echoedSeconds(localPorts: readonly number[]): Promise<number> {
  const startedAt = performance.now();
  const sockets = await Promise.all(
    localPorts.flatMap((localPort) => Array.from({ length: connectionCount }, () => connected(localPort))),
  );
  const answers = await Promise.all(sockets.map(isIntact));
  const intact = answers.filter(Boolean).length;
  if (intact === answers.length) return (performance.now() - startedAt) / 1000;
  throw new Error(`Got ${intact} of ${answers.length} connections intact, expected all of them.`);
}

async function connected(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  return socket;
}

async function isIntact(socket: Socket): Promise<boolean> {
  const sent = randomBytes(echoBytes);
  socket.end(sent);
  return sent.equals(await buffer(socket));
}
