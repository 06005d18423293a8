/** `bastion` alone: shows the live bastion. */
import type { Command } from 'commander';
import type { Invocation } from '../invocation.ts';
import { examples } from './help.ts';

export function addStatus(program: Command, invocation: Invocation): void {
  program
    .command('status', { isDefault: true })
    .description('show your live bastion; "bastion" alone does the same, and starts nothing')
    .addHelpText(
      'after',
      examples([
        ['bastion', 'show address, times, cost, and who may connect'],
        ['bastion --json | jq -r .host', 'the address alone'],
        ['bastion --user ann', "look at somebody else's, as an admin"],
      ]),
    )
    .action(async (_options: unknown, command: Command) => {
      const context = await invocation.context(command);
      const { showStatus } = await import('../session/status.ts');
      await showStatus(context);
    });
}
