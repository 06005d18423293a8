/** `bastion up`: starts the bastion or finds the live one. */
import type { Command } from 'commander';
import { type Invocation, optionsOf } from '../invocation.ts';
import { examples } from './help.ts';
import { addStartOptions, startOptionsOf } from './start-options.ts';

export function addUp(program: Command, invocation: Invocation): void {
  addStartOptions(program.command('up'))
    .description('start your bastion or find the live one, wait until it accepts connections, print its address')
    .option('--if-needed', 'answer from disk if it was live in the past two minutes and has five minutes left')
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
      if (optionsOf(command).ifNeeded === true) {
        const { printFresh } = await import('../session/fresh.ts');
        const settings = await invocation.settings(command);
        if (printFresh(settings, invocation.env, invocation.terminal(command))) return;
      }
      const context = await invocation.context(command);
      const { startBastion } = await import('../session/start.ts');
      const { view, bastion } = await startBastion(context, options);
      const { untilText } = await import('../terminal/session-text.ts');
      context.terminal.note(`until ${untilText(bastion.expiresAt, Date.now())}`);
      context.terminal.result(bastion.host, view);
    });
}
