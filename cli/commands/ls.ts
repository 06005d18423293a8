/** `bastion ls`: the history. */
import { type Command, Option } from 'commander';
import type { SessionState } from '../../contracts/api.ts';
import { type Invocation, numberOption, textOption } from '../invocation.ts';
import { historyText, poolText } from '../terminal/session-text.ts';
import { examples } from './help.ts';

const states = ['starting', 'pooled', 'running', 'stopping', 'stopped'] as const satisfies readonly SessionState[];

export function addLs(program: Command, invocation: Invocation): void {
  program
    .command('ls')
    .description("list your sessions of the past 30 days, newest first; an admin gets everybody's")
    .addOption(new Option('--state <state>', 'only those in this state').choices(states))
    .addOption(new Option('--limit <number>', 'at most so many').default('20', '20'))
    .addHelpText(
      'after',
      examples([
        ['bastion ls --state running', 'who is in there'],
        ['bastion ls --user ann --limit 100', "one person's, for admins"],
        ["bastion ls --json | jq '[.[].cost.soFar] | add'", 'what they have cost, in dollars'],
      ]),
    )
    .action(async (_options: unknown, command: Command) => {
      const limit = numberOption(command, 'limit', 1, 10_000);
      const state = textOption(command, 'state');
      const { api, terminal } = await invocation.context(command);
      const { history } = await import('../session/history.ts');
      const { sessions, pool } = await history(api, limit, state);
      const lines = [historyText(sessions, Date.now()), ...(pool === undefined ? [] : [poolText(pool)])];
      terminal.result(lines.join('\n'), sessions);
    });
}
