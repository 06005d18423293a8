/** `bastion extend`: a new expiry for the live bastion. */
import type { Command } from 'commander';
import type { Invocation } from '../invocation.ts';
import { noteExpiry } from '../state/session.ts';
import { CliError, exitCodes } from '../terminal/errors.ts';
import { untilText } from '../terminal/session-text.ts';
import { examples } from './help.ts';
import { checkTime } from './start-options.ts';

export function addExtend(program: Command, invocation: Invocation): void {
  program
    .command('extend')
    .description('let your live bastion expire so long after now; it never starts one')
    .argument('<time>', '90m, 2h')
    .addHelpText(
      'after',
      examples([
        ['bastion extend 2h', 'two hours from now'],
        ['bastion extend 30m --json | jq -r .expiresAt', 'the new expiry alone'],
      ]),
    )
    .action(async (ttl: string, _options: unknown, command: Command) => {
      checkTime('time', ttl);
      const { api, terminal, folder } = await invocation.context(command);
      if ((await api.look()) === undefined) {
        throw new CliError(`No bastion is live. "bastion up --ttl ${ttl}" starts one.`, exitCodes.notLive);
      }
      const view = await api.start({ ttl, wait: 0 });
      noteExpiry(folder, view);
      terminal.result(`until ${untilText(view.expiresAt, Date.now())}`, view);
    });
}
