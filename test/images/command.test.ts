/** The command with bastions in the image that deploys. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildCommand } from '../cli/built-command.ts';
import { makePerson } from '../cli/person.ts';
import { type ChildRun, startLocalRun } from '../support/local-run.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

let local: ChildRun;
let folder: Awaited<ReturnType<typeof makeTemporaryFolder>>;
let program: string;

beforeAll(async () => {
  folder = await makeTemporaryFolder('command');
  [program, local] = await Promise.all([buildCommand(folder.path), startLocalRun({ agents: 'ssh' })]);
});
afterAll(async () => {
  await local.stop();
  await folder.remove();
});

it('starts a bastion, enters it with strict checking, tunnels through it, and removes it', async () => {
  await using person = await makePerson({ url: local.api, program });
  expect(await person.bastion('ssh', '--', 'id -un; exit 7')).toEqual({ code: 7, stdout: 'bastion\n', stderr: '' });
  const { port } = JSON.parse((await person.bastion('--json')).stdout);
  const greeting = 'exec 3<>/dev/tcp/$BASTION_HOST/$BASTION_PORT && head -c 4 <&3';
  expect(await person.bastion('tunnel', '--exec', `bash -c '${greeting}'`, `127.0.0.1:${port}`)).toMatchObject({
    code: 0,
    stdout: 'SSH-',
  });
  expect(await person.bastion('down')).toMatchObject({ code: 0 });
  expect(await person.bastion()).toMatchObject({ code: 3 });
});

it('lets plain ssh start a bastion and enter it', async () => {
  await using person = await makePerson({ url: local.api, program, env: { BASTION_USER: 'plain' } });
  expect(await person.bastion('ssh-config', '--install', '--file', person.sshConfig)).toMatchObject({ code: 0 });
  const { code, stdout } = await person.run('ssh', '-o', 'ConnectTimeout=15', 'bastion', 'id -un');
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'bastion\n' });
});
