/** Plain ssh with the lines of `bastion ssh-config`, against an API whose replies are written down, and a real sshd. */
import { chown, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SessionView } from '../../contracts/api.ts';
import { makeHostKeys } from '../../lambdas/host-keys.ts';
import { freePort } from '../../local/fargate/addresses.ts';
import { noOtherUser, otherUid } from '../support/another-user.ts';
import { makeBastionTask } from '../support/bastion-task.ts';
import { run } from '../support/ssh.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { buildCommand } from './built-command.ts';
import { makePerson, type Person, type PersonOptions } from './person.ts';
import { runningSession, startScriptedApi } from './scripted-api.ts';

let folder: Awaited<ReturnType<typeof makeTemporaryFolder>>;
let program: string;
let bastion: Awaited<ReturnType<typeof makeBastionTask>>;
/** The session of the one sshd here, which is up all the time. */
let session: SessionView;

beforeAll(async () => {
  folder = await makeTemporaryFolder('command');
  bastion = await makeBastionTask();
  const [built, { target }] = await Promise.all([buildCommand(folder.path), bastion.start()]);
  program = built;
  session = runningSession({
    port: target.port,
    login: userInfo().username,
    keyFingerprint: (await run('ssh-keygen', ['-l', '-f', target.identity])).stdout.split(' ')[1] ?? '',
    hostKeys: [...bastion.hostKeys.publicKeys],
  });
});
afterAll(async () => {
  await bastion.task.close();
  await folder.remove();
});

const reply = (status: number, body: object) => ({ status, body, headers: { 'x-caller-address': '198.51.100.9' } });

/** A person who has the key of the bastion in `~/.ssh`, and a host `bastion`. */
async function installedPerson(url: string, options: PersonOptions = {}): Promise<Person> {
  const person = await makePerson({ url, program, ...options });
  const ssh = join(person.home, '.ssh');
  await mkdir(ssh);
  await writeFile(join(ssh, 'id_ed25519'), await readFile(bastion.key.privateKey), { mode: 0o600 });
  await writeFile(join(ssh, 'id_ed25519.pub'), bastion.key.publicKey);
  await person.bastion('ssh-config', '--install', '--file', person.sshConfig);
  return person;
}

it.concurrent('an editor that waits for three seconds enters a bastion that takes longer to start', async () => {
  const { host: _, ...rest } = session;
  const starting = Array.from({ length: 8 }, () => reply(202, { ...rest, state: 'starting' })); // half a second each
  await using api = await startScriptedApi(...starting, reply(200, session));
  await using person = await installedPerson(api.url, { homeName: "it's 100% [mine]" });
  const editor = person.startProgram(
    'ssh',
    '-v',
    '-T',
    '-D',
    `${await freePort()}`,
    '-o',
    'ConnectTimeout=3',
    'bastion',
    'bash',
  );
  editor.stderr.resume();
  editor.stdin.end('echo inside\n');
  expect(await text(editor.stdout)).toBe('inside\n');
  expect(api.requests.length).toBeGreaterThanOrEqual(9);
});

it.concurrent('an impostor at the address of the bastion is refused', async () => {
  const foreign = { ...session, hostKeys: [...(await makeHostKeys()).publicKeys] };
  await using api = await startScriptedApi(reply(200, foreign));
  await using person = await installedPerson(api.url);
  expect(await person.run('ssh', 'bastion', 'echo inside')).toMatchObject({
    code: 255,
    stdout: '',
    stderr: expect.stringContaining('verification failed'),
  });
});

it.concurrent('ssh finds a bastion that has moved since it was last seen', async () => {
  await using api = await startScriptedApi(reply(200, { ...session, port: 1 }), reply(200, session));
  await using person = await installedPerson(api.url);
  expect(await person.bastion('up')).toMatchObject({ code: 0 });
  expect(await person.run('ssh', 'bastion', 'echo inside')).toMatchObject({ code: 0, stdout: 'inside\n' });
});

it.concurrent('ssh says which addresses the bastion and the API know when it cannot connect', async () => {
  await using api = await startScriptedApi(reply(200, { ...session, port: 1, allowedCidrs: ['203.0.113.5/32'] }));
  await using person = await installedPerson(api.url);
  expect(await person.run('ssh', 'bastion', 'true')).toMatchObject({
    code: 255,
    stderr: expect.stringMatching(
      /: bastion: The bastion at 127\.0\.0\.1 port 1 cannot be reached: .*lets in 203\.0\.113\.5\/32, and the API sees this machine as 198\.51\.100\.9/,
    ),
  });
});

it.skipIf(noOtherUser).concurrent('root with the home of somebody else leaves every file to that person', async () => {
  await using api = await startScriptedApi(
    { status: 404, body: { ErrorMessage: 'No bastion is live.' } },
    reply(200, session),
  );
  await using person = await makePerson({ url: api.url, program });
  await chown(person.home, otherUid, otherUid);
  expect(await person.bastion('up')).toMatchObject({ code: 4 }); // the bastion has another key than the one just made
  expect(await person.bastion('up', '--key', bastion.key.privateKey)).toMatchObject({ code: 0 });
  const entries = await readdir(person.home, { recursive: true });
  const owners = await Promise.all(entries.map(async (name) => [name, (await stat(join(person.home, name))).uid]));
  expect(entries).toEqual(expect.arrayContaining(['.local/state/bastion/key/id_ed25519']));
  expect(owners.filter(([, uid]) => uid !== otherUid)).toEqual([]);
});
