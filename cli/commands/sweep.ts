/** `bastion sweep`: what a deployment has left behind, for its operator. */
import type { Command } from 'commander';
import { type Invocation, optionsOf, textOption } from '../invocation.ts';
import { examples } from './help.ts';

export function addSweep(program: Command, invocation: Invocation): void {
  program
    .command('sweep')
    .description('for operators: look now for tasks and security groups that no session explains, and remove them')
    .option('--dry-run', 'list them, and note and remove nothing')
    .option('--stack <name>', 'the stack that they belong to', 'Bastions')
    .addHelpText(
      'after',
      examples([
        ['bastion sweep --dry-run', 'list what a sweep would do'],
        ['bastion sweep', 'note new orphans, and remove those noted ten minutes ago or earlier'],
        ['AWS_ENDPOINT_URL=http://127.0.0.1:6002 bastion sweep', 'the same in the local run'],
      ]),
    )
    .action(async (_options: unknown, command: Command) => {
      const terminal = invocation.terminal(command);
      const [{ accountOf }, { sweep, sweepText }] = await Promise.all([
        import('../account/account.ts'),
        import('../account/sweep.ts'),
      ]);
      const account = await accountOf(await invocation.settings(command), invocation.env, terminal);
      const isDryRun = optionsOf(command).dryRun === true;
      const report = await sweep(account, textOption(command, 'stack') ?? '', isDryRun);
      terminal.result(sweepText(report, isDryRun), report);
    });
}
