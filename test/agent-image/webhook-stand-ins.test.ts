import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { searchPath } from '../../local/machine.ts';
import { exitOf, lineOf, run } from '../support/ssh.ts';

const standIn = (name: string) => join(import.meta.dirname, '../../local/stand-ins', name);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stand-in-'));
});
afterEach(() => rm(directory, { recursive: true }));

const environment = () => ({ PATH: searchPath(), RUN_DIR: directory });

test.each<[name: string, args: string[], secret: string, shown: (digest: string) => string]>([
  [
    'amazon-ssm-agent',
    ['-register', '-code', 'a c0de', '-id', 'id-1', '-region', 'us-east-1', '-y'],
    'a c0de',
    (digest) => `-register -code SHA-256 ${digest} -id id-1 -region us-east-1 -y`,
  ],
  [
    'bzero-ssm-agent',
    ['-register', '-code', '-c0de', '-id', 'id-1', '-region', 'us-east-1', '-org', 'org-1', '-orgProvider', 'google'],
    '-c0de',
    (digest) => `-register -code SHA-256 ${digest} -id id-1 -region us-east-1 -org org-1 -orgProvider google`,
  ],
  [
    'bzero',
    ['-serviceUrl', 'https://zero.example', '-activationToken', 't0ken', '-environmentId', ''],
    't0ken',
    (digest) => `-serviceUrl https://zero.example -activationToken SHA-256 ${digest} -environmentId ''`,
  ],
])(
  '%s says that it is none, what it was given, and nothing that is secret; then it runs until SIGTERM',
  async (name, args, secret, shown) => {
    const isNone = `stand-in for ${name}, the vendor's is not installed here:`;
    expect(await run(standIn(name), args, environment())).toEqual({
      code: 0,
      stdout: `${isNone} would run ${name} ${shown(sha256(secret))}\n`,
      stderr: '',
    });
    expect(await readdir(directory)).toEqual([`${name}.registered`]);
    expect(await readFile(join(directory, `${name}.registered`), 'utf8')).toBe('');

    const running = spawn(standIn(name), { env: environment() });
    expect(await lineOf(running.stdout, /./)).toBe(`${isNone} registered, and would now dial out`);
    running.kill('SIGTERM');
    expect(await exitOf(running)).toBe(128);
  },
);

test('a stand-in that is not registered does not run', async () => {
  await run(standIn('bzero'), ['-activationToken', 't0ken'], environment());
  expect(await run(standIn('amazon-ssm-agent'), [], environment())).toEqual({
    code: 1,
    stdout: '',
    stderr: "stand-in for amazon-ssm-agent, the vendor's is not installed here: not registered, so it does not run\n",
  });
});
