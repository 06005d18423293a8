/** Runs what documents show of the local run: every transcript and every shell block that is marked `local`. */
import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerArn } from '../../local/caller.ts';
import type { ChildRun } from '../support/local-run.ts';
import { run } from '../support/ssh.ts';
import { textOf } from './documents.ts';
import { type Block, blocksIn } from './markdown.ts';
import { type ReadersMachine, readersMachine } from './readers-machine.ts';
import { ShellSession } from './shells.ts';
import { Samples, stepsIn } from './transcript.ts';

const isLocal = ({ marks }: Block) => marks.includes('local');

/** The file of the webhooks' header, as the line that `npm start` prints passes it to curl. */
async function headerFile(local: ChildRun): Promise<string> {
  const [, word = ''] = /-H ('@[^']*'|@\S*)/.exec(await local.line(/^webhooks /)) ?? [];
  const { stdout } = await run('bash', ['-c', `printf %s ${word}`]);
  return stdout.replace('@', '');
}

/** The values of this run for a document's samples: its ports, its reader's login, and the file of the webhooks' header. */
async function samplesOf(local: ChildRun): Promise<Samples> {
  const { api, aws } = local;
  const userName = callerArn('').split('/').at(-1);
  return new Samples({
    'http://127.0.0.1:6001': api,
    'http://127.0.0.1:6002': aws,
    '"login":"ann"': `"login":"${userInfo().username}"`,
    '"user":"ann"': `"user":"${userName}"`,
    'for ann': `for ${userName}`,
    'of ann': `of ${userName}`,
    '<header file>': await headerFile(local),
  });
}

async function runBlock(
  session: ShellSession,
  home: string,
  { language, text, line }: Block,
  samples: Samples,
): Promise<void> {
  switch (language) {
    case 'ssh-config': {
      const config = samples.inCommand(text).replaceAll(/~(\/\S*)/g, `"${home}$1"`);
      return writeFile(join(home, '.ssh/config'), config);
    }
    case 'sh': {
      const { code, output } = await session.run(`set -e\n${samples.inCommand(text)}\nset +e`);
      return expect({ line, code, output }).toMatchObject({ code: 0 });
    }
    case 'console':
      for (const { command, output } of stepsIn(text)) {
        const printed = (await session.run(samples.inCommand(command))).output;
        const lines = printed === '' ? [] : printed.split(/\r?\n/);
        const fits = lines.length === output.length && output.every((shown, n) => samples.fits(shown, lines[n] ?? ''));
        if (!fits) expect({ line, command, printed: lines }).toEqual({ line, command, printed: output });
      }
      return;
    default:
      throw new Error(`line ${line}: got the language ${language}, expected sh, console or ssh-config beside "local"`);
  }
}

/** Local blocks of these documents that have some. */
async function pagesOf(files: readonly string[]) {
  const pages = await Promise.all(files.map(async (file) => ({ file, blocks: blocksIn(await textOf(file)) })));
  return pages
    .map(({ file, blocks }) => ({ file, blocks: blocks.filter(isLocal) }))
    .filter(({ blocks }) => blocks.length > 0);
}

/**
 * Tests of these documents in these shells, on one machine. One terminal per shell, as a reader goes from page to page: a function
 * of one page is there on the next.
 */
export async function localBlocksSuite(
  files: readonly string[],
  shells: readonly { readonly shell: string; readonly path: string }[],
): Promise<void> {
  const pages = await pagesOf(files);
  let machine: ReadersMachine;

  beforeAll(async () => {
    machine = await readersMachine({ agents: 'ssh,ssm,bzero-ssm,bzero' });
  });

  afterAll(() => machine?.close());

  describe.each(shells)('in $shell, the local blocks', ({ path }) => {
    let session: ShellSession;

    beforeAll(() => {
      session = new ShellSession(path, machine.env, machine.checkout);
    });

    afterAll(() => session.end());

    it.each(pages)('of $file do what the page says', async ({ blocks }) => {
      const samples = await samplesOf(machine.local);
      for (const block of blocks) await runBlock(session, machine.home, block, samples);
    });
  });

  it('are in the README', () => {
    expect(pages.map(({ file }) => file)).toContain('README.md');
  });
}
