/** Shows the live bastion. */
import { writeSync } from 'node:fs';
import type { Environment } from '../state/places.ts';
import { currentFolder, readSettings } from '../state/settings.ts';
import { CliError, exitCodes } from '../terminal/errors.ts';
import { statusText } from '../terminal/session-text.ts';
import { Terminal } from '../terminal/terminal.ts';
import { type Context, contextOf } from './context.ts';

/** @throws CliError when no bastion is live */
export async function showStatus({ api, terminal }: Pick<Context, 'api' | 'terminal'>): Promise<void> {
  const view = await api.look();
  if (view === undefined) throw new CliError('No bastion is live. "bastion up" starts one.', exitCodes.notLive);
  terminal.result(statusText(view, Date.now()), view);
}

/** The same without options on the command line, and without the streams of `process`, which take a while to load. */
export async function quickStatus(isJson: boolean, env: Environment): Promise<void> {
  const manner = { isJson, isQuiet: false, isVerbose: false, isCi: false };
  const output = (file: number) => ({ write: (text: string) => writeSync(file, text) });
  const terminal = new Terminal(manner, { stdout: output(1), stderr: output(2) });
  await showStatus(await contextOf(await readSettings({}, env, currentFolder()), terminal, env));
}
