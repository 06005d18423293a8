/** The command as a process against the local run, with the real ssh. */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../../emulator/listen.ts';
import { freePort } from '../../local/fargate/addresses.ts';
import { type ChildRun, startLocalRun } from '../support/local-run.ts';
import { exitOf, lineOf, makeKeyPair, outcomeOf } from '../support/ssh.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { buildCommand } from './built-command.ts';
import { makePerson, type Person } from './person.ts';
import { sshConfigSuite } from './ssh-config-suite.ts';

type Folder = Awaited<ReturnType<typeof makeTemporaryFolder>>;

let local: ChildRun;
let folder: Folder;
let program: string;

beforeAll(async () => {
  folder = await makeTemporaryFolder('command');
  [program, local] = await Promise.all([buildCommand(folder.path), startLocalRun()]);
});
afterAll(async () => {
  await local.stop();
  await folder.remove();
});

/** A person under a name of their own, so that each test has its own bastion. */
const personNamed = (name: string) => makePerson({ url: local.api, program, env: { BASTION_USER: name } });

const done = (stdout: string) => ({ code: 0, stdout, stderr: '' });

/** The folder of the one bastion that the person's state has. */
async function bastionFolder({ state }: Person): Promise<string> {
  const [deployment = ''] = (await readdir(state)).filter((name) => name !== 'key');
  const [user = ''] = await readdir(join(state, deployment));
  return join(state, deployment, user);
}

describe.concurrent('a person', () => {
  it('goes from nothing to a command on the bastion with two lines, from the sources', async ({ expect }) => {
    await using newcomer = await makePerson();
    expect(await newcomer.bastion('configure', '--url', local.api)).toMatchObject({ code: 0, stderr: '' });
    expect(await newcomer.bastion('ssh', '--', 'echo', 'inside')).toEqual(done('inside\n'));
    expect(await newcomer.bastion('down')).toMatchObject({ code: 0 });
  });

  it('starts, shows, extends, lists and removes a bastion', async ({ expect }) => {
    await using person = await personNamed('life');
    expect(await person.bastion()).toMatchObject({ code: 3, stdout: '', stderr: expect.stringMatching(/bastion up/) });
    expect(await person.bastion('extend', '2h')).toMatchObject({ code: 3, stdout: '' });
    const up = await person.bastion('up', '--ttl', '30m');
    expect(up).toEqual(done(expect.stringMatching(/^127\.\d+\.\d+\.\d+\n$/)));
    const host = up.stdout.trim();
    expect(await person.bastion('up', '--if-needed')).toEqual(done(up.stdout));
    expect(await person.bastion()).toEqual(done(expect.stringContaining(`@${host} port 2222\n`)));
    const before = JSON.parse((await person.bastion('--json')).stdout);
    expect(before).toMatchObject({ host, state: 'running' });
    const after = JSON.parse((await person.bastion('extend', '2h', '--json')).stdout);
    expect(Date.parse(after.expiresAt)).toBeGreaterThan(Date.parse(before.expiresAt));
    const [newest] = JSON.parse((await person.bastion('ls', '--limit', '1', '--json')).stdout);
    expect(newest).toMatchObject({ sessionId: before.sessionId });
    expect(await person.bastion('down')).toEqual(done(`${host} of life is being removed.\n`));
    expect(await person.bastion('down')).toEqual(done('No bastion was live.\n'));
    expect(await person.bastion('status')).toMatchObject({ code: 3 });
  });

  it('gets one key and one bastion in two terminals at once, in private files, and keeps ~/.ssh', async ({
    expect,
  }) => {
    await using person = await personNamed('twice');
    const [first, second] = await Promise.all([person.bastion('up', '--json'), person.bastion('up', '--json')]);
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(JSON.parse(first.stdout).sessionId).toBe(JSON.parse(second.stdout).sessionId);
    expect(await person.bastion('ssh', '--', 'true')).toEqual(done(''));
    const entries = await readdir(person.state, { recursive: true, withFileTypes: true });
    const modes = await Promise.all(
      entries
        .filter(({ name }) => !name.endsWith('.pub'))
        .map(async (entry) => [entry.name, (await stat(join(entry.parentPath, entry.name))).mode & 0o077]),
    );
    expect(modes.map(([name]) => name)).toEqual(expect.arrayContaining(['id_ed25519', 'known_hosts', 'session.json']));
    expect(modes.filter(([, others]) => others !== 0)).toEqual([]);
    await expect(stat(join(person.home, '.ssh'))).rejects.toThrow(/ENOENT/);
    await person.bastion('down');
  });

  it('enters with the key that the live bastion has, whichever comes first now', async ({ expect }) => {
    await using person = await personNamed('keys');
    const named = await makeKeyPair(person.home, 'named key');
    expect(await person.bastion('up', '--key', named.privateKey)).toMatchObject({ code: 0 });
    expect(await person.bastion('ssh', '--', 'true')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('--key'),
    });
    expect(await person.bastion('ssh', '--key', `${named.privateKey}.pub`, '--', 'true')).toEqual(done(''));
    await mkdir(join(person.home, '.ssh'));
    await makeKeyPair(join(person.home, '.ssh'), 'id_ed25519');
    const other = join(person.home, '.ssh/id_ecdsa');
    await writeFile(other, await readFile(named.privateKey), { mode: 0o600 });
    await writeFile(`${other}.pub`, named.publicKey);
    expect(await person.bastion('ssh', '--', 'true')).toEqual(done(''));
    await person.bastion('down');
  });

  it('whose API does not answer keeps every file, and gets a sentence', async ({ expect }) => {
    await using person = await personNamed('offline');
    await writeFile(join(person.home, 'bastion.json'), '{}');
    const away = `http://127.0.0.1:${await freePort()}`;
    for (const command of ['up', 'ssh', 'down', 'configure']) {
      expect(await person.bastion(command, '--url', away)).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(/^bastion: \S+ does not answer: .*npm start.*\n$/),
      });
    }
    const entries = await readdir(person.home, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    expect(files).toEqual(['bastion.json']);
  });
});

describe('with a live bastion,', () => {
  let person: Person;
  let service: Awaited<ReturnType<typeof listen>>;

  beforeAll(async () => {
    person = await personNamed('live');
    const server = createServer((_request, response) => response.end('from behind\n'));
    [service] = await Promise.all([
      listen(server, { port: 0, title: 'the service', portVariable: 'PORT' }),
      person.bastion('up'),
    ]);
  });
  afterAll(() => Promise.all([person[Symbol.asyncDispose](), service.close()]));

  it('ssh ends with the code of the remote command, and passes its input and output on', async () => {
    expect(await person.bastion('ssh', '--', 'exit 7')).toMatchObject({ code: 7 });
    const child = person.start('ssh', '--', 'cat');
    child.stdin.end('through\n');
    expect(await outcomeOf(child)).toEqual(done('through\n'));
  });

  it('ssh reaches a host behind it, whose own host key is checked', async () => {
    const { host, port } = JSON.parse((await person.bastion('--json')).stdout);
    const knownHosts = join(person.home, 'known hosts');
    const keys = await readFile(join(await bastionFolder(person), 'known_hosts'), 'utf8');
    const options = ['-p', `${port}`, '-i', join(person.state, 'key/id_ed25519')];
    const own = [...options, '-o', `UserKnownHostsFile="${knownHosts}"`, '-o', 'StrictHostKeyChecking=yes'];
    const target = `${userInfo().username}@${host}`;
    await writeFile(knownHosts, '');
    expect(await person.bastion('ssh', target, '--', ...own, 'echo behind')).toMatchObject({ code: 255, stdout: '' });
    await writeFile(knownHosts, keys.replaceAll(/^\S+/gm, `[${host}]:${port}`));
    expect(await person.bastion('ssh', target, '--', ...own, 'echo behind')).toEqual(done('behind\n'));
  });

  it('ssh ends with the command that is ended', async () => {
    const child = person.start('ssh', '--', 'echo open; cat');
    await lineOf(child.stdout, /^open$/);
    child.kill('SIGTERM');
    expect(await exitOf(child)).toBe(255); // ssh's own code
  });

  it('tunnel gives a program its ports, and ends with its code', async () => {
    const { port } = new URL(service.url);
    const command = 'curl -s "http://$BASTION_HOST:$BASTION_PORT_2"; [ "$PGPORT" = "$BASTION_PORT" ] && exit 5';
    const { code, stdout } = await person.bastion('tunnel', '0:db:5432', `0:127.0.0.1:${port}`, '--exec', command);
    expect({ code, stdout }).toEqual({ code: 5, stdout: 'from behind\n' });
  });

  it('tunnel takes the next free port and says so, by the name in bastion.json, until Ctrl-C', async () => {
    const taken = Number(new URL(service.url).port);
    const tunnels = { web: `${taken}:127.0.0.1:${taken}` };
    await writeFile(join(person.home, 'bastion.json'), JSON.stringify({ tunnels }));
    const child = person.start('tunnel', 'web');
    const warning = lineOf(child.stderr, /is taken/);
    const line = await lineOf(child.stdout, /^web /);
    const [, place, port] = /(127\.0\.0\.1:(\d+)) {2}-> /.exec(line) ?? [];
    expect(Number(port)).toBeGreaterThan(taken);
    expect(await warning).toBe(`bastion: Port ${taken} is taken, so web gets ${port}.`);
    expect(await (await fetch(`http://${place}`)).text()).toBe('from behind\n');
    child.kill('SIGINT');
    expect(await exitOf(child)).toBe(130);
  });

  it('tunnel ends with the bastion, and says so', async () => {
    const child = person.start('tunnel', `0:127.0.0.1:${await freePort()}`);
    const said = lineOf(child.stderr, /has ended/);
    await lineOf(child.stdout, /->/);
    await person.bastion('down');
    expect(await said).toMatch(/^bastion: The bastion has ended/);
    expect(await exitOf(child)).toBe(3);
  });
});

sshConfigSuite(() => ({ url: local.api, program }));
