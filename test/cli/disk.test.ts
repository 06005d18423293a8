/** A disk that takes no more files. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withAdvice } from '../../cli/state/files.ts';
import { bastionFolder } from '../../cli/state/places.ts';
import { errorText, exitCodeOf, sentenceOf } from '../../cli/terminal/errors.ts';
import { makePerson } from './person.ts';
import { runningSession, startScriptedApi } from './scripted-api.ts';

const failure = (code: string) => Object.assign(new Error(`${code}: no, write`), { code });

it.each([
  ['ENOSPC', 'Make room on its disk.'],
  ['EDQUOT', 'Make room: your quota is used up.'],
  ['EROFS', /^Make its disk writable\. XDG_STATE_HOME/],
  ['EACCES', /^Give yourself access to it\. XDG_STATE_HOME/],
  ['EISDIR', 'Remove or rename the folder that is there.'],
  ['EMFILE', /ulimit -n/],
])('%s names the file, with what to do', (code, advice) => {
  const error = withAdvice(failure(code), '/home/ann/session.json');
  const [, path, reason, words] = /^(\S+) cannot be used \((.*)\)\. (.*)$/.exec(sentenceOf(error)) ?? [];
  expect([path, reason]).toEqual(['/home/ann/session.json', `${code}: no, write`]);
  expect(words).toMatch(advice);
  expect(exitCodeOf(error)).toBe(1);
});

it('another error of a file stays as it is', () => {
  const error = failure('EIO');
  expect(withAdvice(error, '/home/ann/session.json')).toBe(error);
});

it('an error that no part of the command expects names its own file, or standard output', () => {
  expect(errorText(Object.assign(failure('EACCES'), { path: '/x' }), false)).toMatch(
    /^bastion: \/x cannot be used .*access/,
  );
  expect(errorText(Object.assign(failure('ENOSPC'), { syscall: 'write' }), false)).toMatch(
    /^bastion: Standard output cannot be used .* Make room on its disk\.$/,
  );
});

it.skipIf(!existsSync('/dev/full'))('a result that finds no room ends with 1 and a sentence', async () => {
  await using api = await startScriptedApi({ status: 200, body: runningSession({}) });
  await using person = await makePerson({ url: api.url });
  for (const command of ['', '--version', 'status --quiet', 'ls --help', 'completion bash']) {
    const { code, stderr } = await person.run(
      'sh',
      '-c',
      `"$0" "$1" ${command} >/dev/full`,
      process.execPath,
      person.program,
    );
    expect({ command, code, stderr }).toEqual({
      command,
      code: 1,
      stderr: expect.stringMatching(
        /^bastion: Standard output cannot be used \(ENOSPC.*\)\. Make room on its disk\.\n$/,
      ),
    });
  }
});

describe.concurrent('a state that cannot be written', () => {
  const runs = { status: 200, body: runningSession({}) };

  it.for(['/dev/null', '/proc/none'])('at %s keeps a bastion from starting', async (state, { expect }) => {
    await using api = await startScriptedApi(runs);
    await using person = await makePerson({ url: api.url, env: { XDG_STATE_HOME: state } });
    const { code, stderr } = await person.bastion('up');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^bastion: \/.* cannot be used \(E.*\)\. [A-Z].*\.\n$/)]);
    expect(api.requests.filter((request) => request.startsWith('POST'))).toEqual([]);
  });

  it('does not keep a bastion from being removed', async ({ expect }) => {
    await using api = await startScriptedApi(runs);
    await using person = await makePerson({ url: api.url });
    const folder = bastionFolder({ XDG_STATE_HOME: join(person.home, '.local/state') }, api.url, undefined);
    await mkdir(join(folder, 'session.json'), { recursive: true });
    const { code, stdout, stderr } = await person.bastion('down');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '127.0.0.1 of ann is being removed.\n' });
    expect(stderr).toMatch(/^bastion: .*session\.json cannot be used \(E.*\)\. .*\n$/);
  });
});
