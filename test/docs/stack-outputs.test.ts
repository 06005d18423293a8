/** Runs the shell lines that the stack's outputs print, in each shell, with programs that only record how they are called. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { place, synthesize } from '../lib/synthesize.ts';
import { runScript, shellsHere } from './shells.ts';

let lines: { readonly start: string; readonly hostKeys: string; readonly readSecret: string };
let directory: string;
let programs: string;
let home: string;

beforeAll(async () => {
  const { resolved } = await synthesize();
  lines = {
    start: resolved.output('Try'),
    hostKeys: resolved.output('HostKeys'),
    readSecret: resolved.output('ReadWebhookSecret'),
  };
  directory = await mkdtemp(join(tmpdir(), 'stack outputs '));
  programs = join(directory, 'programs');
  home = join(directory, 'an n');
  await mkdir(programs);
  await mkdir(join(home, '.ssh'), { recursive: true });
  await program(
    'curl',
    `printf '%s\\n' "$@" && cat; [ -z "$ANSWER" ] || printf %s "$ANSWER" > ~/.ssh/bastion.new; exit $CODE`,
  );
  await program('aws', `printf '%s\\n' "$@" >&2; printf '%s\\n' '{"current":"a secret"}'`);
});

afterAll(() => rm(directory, { recursive: true }));

async function program(name: string, script: string): Promise<void> {
  const path = join(programs, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

describe.each(shellsHere)('in $shell, the output', ({ path }) => {
  const run = (line: string, env: Readonly<Record<string, string>> = {}) =>
    runScript(path, line, [], {
      HOME: home,
      PATH: `${programs}:${process.env.PATH}`,
      AWS_ACCESS_KEY_ID: 'AKIA',
      AWS_SECRET_ACCESS_KEY: 'se cret',
      ...env,
    });

  const knownHosts = () => readFile(join(home, '.ssh/bastion_known_hosts'), 'utf8');

  it.each([
    ['long-term credentials', {}, []],
    ['temporary credentials', { AWS_SESSION_TOKEN: 'to ken==' }, ['header = "x-amz-security-token: to ken=="']],
  ])('Try and HostKeys hand %s to curl on standard input', async (_, env, header) => {
    const { code, stdout, stderr } = await run(`${lines.start} && ${lines.hostKeys}`, { ...env, ANSWER: 'host keys' });
    const signed = ['-K', '-', '--aws-sigv4', `aws:amz:${place.region}:execute-api`];
    const input = ['user = "AKIA:se cret"', ...header];
    const start = [...signed, '--data-binary', `@${home}/.ssh/id_ed25519.pub`, `${place.apiUrl}/`, ...input];
    const hostKeys = [...signed, '-fsS', '-o', `${home}/.ssh/bastion.new`, `${place.apiUrl}/known_hosts`, ...input];
    const words = stdout.trimEnd().split('\n');
    expect({ code, stderr, words }).toEqual({ code: 0, stderr: '', words: [...start, ...hostKeys] });
  });

  it('HostKeys changes the file only with an answer', async () => {
    expect(await run(lines.hostKeys, { ANSWER: 'first' })).toMatchObject({ code: 0 });
    expect(await knownHosts()).toBe('first');
    expect(await run(lines.hostKeys, { ANSWER: 'half an ans', CODE: '18' })).toMatchObject({ code: 18 });
    expect(await knownHosts()).toBe('first');
  });

  it('ReadWebhookSecret prints the secret alone', async () => {
    expect(await run(lines.readSecret)).toMatchObject({ code: 0, stdout: 'a secret\n' });
  });
});
