/** Runs the shell lines that the stack's outputs print, in each shell, with programs that only record how they are called. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { place, synthesize } from '../lib/synthesize.ts';
import { runScript, shellsHere } from './shells.ts';

let lines: { readonly start: string; readonly readSecret: string };
let directory: string;
let programs: string;

beforeAll(async () => {
  const { resolved } = await synthesize();
  lines = { start: resolved.output('Try'), readSecret: resolved.output('ReadWebhookSecret') };
  directory = await mkdtemp(join(tmpdir(), 'stack outputs '));
  programs = join(directory, 'programs');
  await mkdir(programs);
  await program('curl', `printf '%s\\n' "$@"`);
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
    runScript(path, line, [], { HOME: '/home/an n', PATH: `${programs}:${process.env.PATH}`, ...env });

  const signed = ['--aws-sigv4', `aws:amz:${place.region}:execute-api`, '--user', 'AKIA:se cret'];
  const keyAndUrl = ['--data-binary', '@/home/an n/.ssh/id_ed25519.pub', `${place.apiUrl}/`];

  it.each([
    ['long-term credentials', {}, []],
    ['temporary credentials', { AWS_SESSION_TOKEN: 'to ken==' }, ['-Hx-amz-security-token: to ken==']],
  ])('Try calls curl with %s', async (_, env, header) => {
    const { code, stdout, stderr } = await run(lines.start, {
      AWS_ACCESS_KEY_ID: 'AKIA',
      AWS_SECRET_ACCESS_KEY: 'se cret',
      ...env,
    });
    const expected = [...signed, ...header, ...keyAndUrl];
    expect({ code, stderr, words: stdout.trimEnd().split('\n') }).toEqual({ code: 0, stderr: '', words: expected });
  });

  it('ReadWebhookSecret prints the secret alone', async () => {
    expect(await run(lines.readSecret)).toMatchObject({ code: 0, stdout: 'a secret\n' });
  });
});
