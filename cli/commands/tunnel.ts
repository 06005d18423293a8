/** `bastion tunnel`: local ports that lead to hosts behind the bastion. */
import type { Command } from 'commander';
import { type Invocation, optionsOf, textOption } from '../invocation.ts';
import { usageError } from '../terminal/errors.ts';
import { examples } from './help.ts';
import { addStartOptions, startOptionsOf } from './start-options.ts';

export function addTunnel(program: Command, invocation: Invocation): void {
  addStartOptions(program.command('tunnel'))
    .description('open local ports to hosts behind the bastion; a taken port makes room for the next free one')
    .argument('<tunnels...>', 'HOST:PORT, LOCAL:HOST:PORT, or a name in bastion.json')
    .option('--exec <command>', 'run it with BASTION_HOST, BASTION_PORT (PGPORT, …), and end with it')
    .addHelpText(
      'after',
      examples([
        ['bastion tunnel db.internal:5432', '127.0.0.1:5432 leads to the database until Ctrl-C'],
        ['bastion tunnel 8080:app.internal:80 cache.internal:6379', 'two at once, one with a port of your choice'],
        ['bastion tunnel db', 'with {"tunnels": {"db": "db.internal:5432"}} in bastion.json'],
        ["bastion tunnel db --exec 'psql -U ann app'", 'open it for one program'],
      ]),
    )
    .action(async (tunnels: readonly string[], _options: unknown, command: Command) => {
      const options = startOptionsOf(command);
      const exec = textOption(command, 'exec');
      if (exec !== undefined && optionsOf(command).json === true) {
        throw usageError('--json: got it with --exec, whose program has the output. Leave one of them out.');
      }
      const settings = await invocation.settings(command);
      const { parseForward } = await import('../ssh/forwards.ts');
      const forwards = tunnels.map((text) => parseForward(text, settings.tunnels));
      const { openTunnels } = await import('../session/tunnel.ts');
      invocation.exitCode = await openTunnels(await invocation.context(command), options, forwards, exec);
    });
}
