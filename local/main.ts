/** `npm start`: the stack on this machine, until Ctrl-C ends everything it started. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { styleText } from 'node:util';
import * as v from 'valibot';
import { pageRoutes } from '../contracts/sign-in.ts';
import { env } from '../contracts/stack.ts';
import { banner } from './banner.ts';
import { Closers } from './closers.ts';
import { type LogEntry, shortLog, stamped, verboseLine } from './log-lines.ts';
import { prepareMachine } from './machine.ts';
import { helpText, type Options, readOptions } from './options.ts';
import { type LocalRun, startLocal } from './run.ts';
import type { Paint } from './shell.ts';
import { Steps } from './steps.ts';

const webhookSecret = v.object({ current: v.string() });

const paint: Paint = (format, text) => styleText(format, text, { stream: process.stdout });
const steps = new Steps((text) => process.stdout.write(text), paint);
const closers = new Closers();

try {
  const options = readOptions(process.argv.slice(2), process.env);
  await (options.help ? help() : start(options));
} catch (error) {
  // An error during the closing comes from the closing.
  if (!closers.isClosing) {
    steps.endLine();
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
  await closers.close();
}

async function help(): Promise<void> {
  const { settings } = await import('../lib/settings/settings.ts');
  console.log(helpText(settings));
}

async function start(options: Options): Promise<void> {
  closers.closeOnSignal();
  // Docker has every other program in the images.
  prepareMachine(options.containers === 'docker' ? ['ps'] : undefined);
  let run: LocalRun | undefined;
  const short = shortLog({ entranceOf: (taskId) => run?.entranceOf(taskId), login: () => run?.login ?? '', paint });
  const log = (entry: LogEntry) => {
    const line = options.verbose ? verboseLine(entry) : short(entry);
    if (line !== undefined) console.log(stamped(line));
  };
  run = await startLocal({ ...options, log, steps }, closers);
  console.log(
    banner({
      ...run,
      paint,
      publicKey: ['id_ed25519.pub', 'id_ecdsa.pub', 'id_rsa.pub'].find((name) =>
        existsSync(join(homedir(), '.ssh', name)),
      ),
      sshPorts: run.stack.functions.map(({ environment }) => environment[env.sshPorts]).find(Boolean),
      hasPage: run.stack.routes.some(({ key }) => key === pageRoutes.page),
      headerFile: await writeHeader(run),
      startPath: run.stack.routes.map(({ key }) => /^POST (.*\/start)$/.exec(key)?.[1]).find(Boolean),
      seconds: performance.now() / 1000,
    }),
  );
}

/** Resolves with the file of the webhooks' header, which only this user can read. Undefined in a stack without webhooks. */
async function writeHeader({ stack, folder }: LocalRun): Promise<string | undefined> {
  const [secret] = stack.secrets;
  if (secret === undefined) return undefined;
  const file = join(folder, 'webhook-header');
  const { current } = v.parse(webhookSecret, JSON.parse(secret.value));
  await writeFile(file, `Authorization: Basic ${current}\n`, { mode: 0o600 });
  return file;
}
