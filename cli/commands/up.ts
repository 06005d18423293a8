/** `bastion up`: starts the bastion or finds the live one. */
import type { Command } from 'commander';
import { type Invocation, optionsOf } from '../invocation.ts';
import type { StartOptions } from '../session/start.ts';
import { exitCodeOf } from '../terminal/errors.ts';
import { examples } from './help.ts';
import { addStartOptions, startOptionsOf } from './start-options.ts';

export function addUp(program: Command, invocation: Invocation): void {
  addStartOptions(program.command('up'))
    .description('start your bastion or find the live one, wait until it accepts connections, print its address')
    .option(
      '--if-needed',
      'answer from disk if it was live in the past two minutes and has five minutes left; with --quiet as ssh runs it: "bastion proxy" comes next and tells the errors',
    )
    .addHelpText(
      'after',
      examples([
        ['bastion up', 'print the address once ssh can connect'],
        ['bastion up --ttl 4h --key ~/.ssh/work', 'four hours, entered with that key'],
        ['host=$(bastion up --quiet)', 'in a script'],
      ]),
    )
    .action(async (_options: unknown, command: Command) => {
      const options = startOptionsOf(command);
      const { ifNeeded, quiet } = optionsOf(command);
      if (ifNeeded !== true) await start(invocation, command, options);
      else if (quiet !== true) await startIfNeeded(invocation, command, options);
      else {
        try {
          await startIfNeeded(invocation, command, options);
        } catch (error) {
          invocation.exitCode = exitCodeOf(error);
        }
      }
    });
}

async function start(invocation: Invocation, command: Command, options: StartOptions): Promise<void> {
  const context = await invocation.context(command);
  const { startBastion } = await import('../session/start.ts');
  const { view, bastion } = await startBastion(context, options);
  const { untilText } = await import('../terminal/session-text.ts');
  context.terminal.note(`until ${untilText(bastion.expiresAt, Date.now())}`);
  context.terminal.result(bastion.host, view);
}

/** ssh waits for it, so a person at a terminal gets the line of progress. */
async function startIfNeeded(invocation: Invocation, command: Command, options: StartOptions): Promise<void> {
  const terminal = invocation.terminal(command, { isQuiet: false });
  const { freshBastion } = await import('../session/fresh.ts');
  const fresh = freshBastion(await invocation.settings(command), invocation.env);
  if (fresh !== undefined) return terminal.result(fresh.host, fresh);
  const { implicitStart, startBastion } = await import('../session/start.ts');
  const { view, bastion } = await startBastion(await invocation.context(command, terminal), {
    ...implicitStart(invocation.env),
    ...options,
  });
  terminal.result(bastion.host, view);
}
