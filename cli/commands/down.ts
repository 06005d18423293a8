/** `bastion down`: removes the bastion. */
import type { Command } from 'commander';
import { type Invocation, optionsOf } from '../invocation.ts';
import { usageError } from '../terminal/errors.ts';
import { examples } from './help.ts';

export function addDown(program: Command, invocation: Invocation): void {
  program
    .command('down')
    .description('remove your bastion; without one it does nothing')
    .option('--all', "remove everybody's bastions, for admins; --user has no effect on it")
    .option('--yes', 'confirm --all')
    .addHelpText(
      'after',
      examples([
        ['bastion down', 'remove your own'],
        ['bastion down --user ann', "remove somebody else's, as an admin"],
        ['bastion down --all --yes', "remove everybody's, as an admin"],
      ]),
    )
    .action(async (_options: unknown, command: Command) => {
      const { all, yes } = optionsOf(command);
      if (all === true && yes !== true) {
        throw usageError(
          '--all: got it without --yes, expected both, because it ends the connections of other people.',
        );
      }
      const context = await invocation.context(command);
      const { removeAll, removeOne } = await import('../session/remove.ts');
      const removed = all === true ? await removeAll(context) : await removeOne(context);
      const lines = removed.map(({ user, host }) => `${host ?? 'no address'} of ${user} is being removed.`);
      context.terminal.result(lines.join('\n') || 'No bastion was live.', removed);
    });
}
