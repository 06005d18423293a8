/** `bastion` alone: shows the live bastion. */
import type { Command } from 'commander';
import type { Invocation } from '../invocation.ts';
import { CliError, exitCodes } from '../terminal/errors.ts';
import { statusText } from '../terminal/session-text.ts';
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
      const { api, terminal } = await invocation.context(command);
      const view = await api.look();
      if (view === undefined) throw new CliError('No bastion is live. "bastion up" starts one.', exitCodes.notLive);
      terminal.result(statusText(view, Date.now()), view);
    });
}
