/** The processor's time that the command takes, beside a bare Node and the commands of others where they are installed. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { Closers } from '../local/closers.ts';
import { buildCommand } from '../test/cli/built-command.ts';
import { runningSession } from '../test/cli/scripted-api.ts';
import { run } from '../test/support/ssh.ts';
import { makeTemporaryFolder } from '../test/support/temporary-folder.ts';
import { columns, median, whole } from './figures.ts';
import { listening } from './listening.ts';
import { personOfLocalRun } from './person-of-local-run.ts';
import { timed } from './timed.ts';

/** One request by HTTPS. Every program on Node that asks an API takes at least this long. */
const request = 'require("node:https").get(process.env.BASTION_URL, (reply) => reply.resume())';

interface Subject {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly env?: Readonly<Record<string, string>>;
  /** Most times the median of another subject. */
  readonly goal?: readonly [times: number, other: string];
}

const bareNode = 'node -e 0';
const bareRequest = 'node with one HTTPS request';

/** Measures each command so many times in turn, and returns their table. */
export async function command(rounds: number, parent: Closers): Promise<string> {
  const closers = new Closers();
  parent.add(() => closers.close());
  const folder = await makeTemporaryFolder('bench');
  closers.add(() => folder.remove());
  const [program, api, home] = await Promise.all([
    buildCommand(folder.path),
    startSignedApi(folder.path, closers),
    homeOfLiveBastion(closers),
  ]);
  const node = process.execPath;
  const subjects: readonly Subject[] = [
    { name: bareNode, command: [node, '-e', '0'] },
    { name: bareRequest, command: [node, '-e', request], env: api },
    { name: 'bastion --version', command: [node, program, '--version'] },
    {
      name: 'bastion up --if-needed, from disk',
      command: [node, program, 'up', '--if-needed'],
      env: home,
      goal: [1.5, bareNode],
    },
    // The request alone takes more than twice a bare Node.
    {
      name: 'bastion status, signed, by HTTPS',
      command: [node, program, 'status'],
      env: api,
      goal: [2.5, bareNode],
    },
    ...['basti', 'aws'].map((other): Subject => ({ name: `${other} --version`, command: [other, '--version'] })),
  ];
  const times = new Map<string, number[]>(subjects.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const subject of subjects) {
      const env = { ...process.env, ...subject.env };
      const taken = await timed(subject.name, subject.command, env);
      if (taken !== undefined) times.get(subject.name)?.push(taken.cpuMs);
    }
  }
  await closers.close();
  const medianOf = (name: string) => median(times.get(name) ?? []);
  const rows = subjects.map(({ name, goal }) => {
    if (times.get(name)?.length === 0) return [name, 'not installed'];
    const ms = medianOf(name);
    const ratio = goal === undefined ? [] : [`${(ms / medianOf(goal[1])).toFixed(2)}, <= ${goal[0]} of ${goal[1]}`];
    return [name, whole(ms), (ms / medianOf(bareNode)).toFixed(1), ...ratio];
  });
  return [
    `The processor's time of each command, median of ${rounds}, in turn.\n\n`,
    columns([['', 'ms', 'times bare Node', 'goal'], ...rows]),
  ].join('');
}

/** A home whose files know a live bastion. @returns the variables that lead to it */
async function homeOfLiveBastion(closers: Closers): Promise<Record<string, string>> {
  const { person, apiUrl } = await personOfLocalRun(closers);
  const { code, stderr } = await person.bastion('up');
  if (code !== 0) throw new Error(`bastion up ended with ${code}: ${stderr}`);
  return { HOME: person.home, BASTION_URL: apiUrl };
}

/** An API with a certificate of its own, which shows a running bastion. @returns the variables of a person who may ask it */
async function startSignedApi(folder: string, closers: Closers): Promise<Record<string, string>> {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const name = ['-subj', '/CN=bench', '-addext', 'subjectAltName=IP:127.0.0.1'];
  await run('openssl', ['req', '-x509', ...kind, ...name, '-keyout', key, '-out', cert]);
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(runningSession({})));
  });
  return {
    HOME: folder,
    BASTION_URL: `https://127.0.0.1:${await listening(server, closers)}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'bench',
    NODE_EXTRA_CA_CERTS: cert,
  };
}
