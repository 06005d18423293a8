import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeRunFolder } from '../../local/run-folder.ts';
import { run } from '../support/ssh.ts';

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'run-folder-'));
});
afterEach(() => rm(parent, { recursive: true }));

/** The folder of an earlier run, as it looks at `madeAt`. */
async function folderOf(pid: number | undefined, host = hostname(), madeAt = new Date()): Promise<string> {
  const name = `run-${host}-${pid}-abcdef`;
  await mkdir(join(parent, name, 'tasks'), { recursive: true });
  await writeFile(join(parent, name, 'tasks/host_key'), 'secret');
  await utimes(join(parent, name), madeAt, madeAt);
  return name;
}

const endedProcess = async () => {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid;
};

it('makes the parent when it is missing', async () => {
  const folder = await makeRunFolder(join(parent, 'new'));
  expect(await readdir(join(parent, 'new'))).toEqual([basename(folder)]);
});

it('removes the folder of a run whose process has ended, with all its files', async () => {
  await folderOf(await endedProcess());
  expect(await readdir(parent)).toHaveLength(1);
  const folder = await makeRunFolder(parent);
  expect(await readdir(parent)).toEqual([basename(folder)]);
});

it('removes the folder of a run whose process id another, younger process has', async () => {
  const { stdout } = await run('ps', ['-o', 'lstart=', '-p', `${process.pid}`], { ...process.env, LC_ALL: 'C' });
  await folderOf(process.pid, hostname(), new Date(Date.parse(stdout) - 60_000));
  const folder = await makeRunFolder(parent);
  expect(await readdir(parent)).toEqual([basename(folder)]);
});

it('keeps the folders of runs that live, of runs on other machines, and everything else', async () => {
  const kept = [
    await folderOf(process.pid),
    await folderOf(await endedProcess(), 'another-machine'),
    await folderOf(undefined),
    'compile-cache',
  ];
  await mkdir(join(parent, 'compile-cache'));
  const folder = await makeRunFolder(parent);
  expect((await readdir(parent)).sort()).toEqual([...kept, basename(folder)].sort());
});
