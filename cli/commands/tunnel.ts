/** `bastion tunnel`: local ports that lead to hosts behind the bastion. */
import type { Command } from 'commander';
import { type Invocation, numberOption, optionsOf, textOption } from '../invocation.ts';
import { usageError } from '../terminal/errors.ts';
import { examples } from './help.ts';
import { addStartOptions, startOptionsOf } from './start-options.ts';

export function addTunnel(program: Command, invocation: Invocation): void {
  addStartOptions(program.command('tunnel'))
    .description('open local ports to hosts behind the bastion; a taken port makes room for the next free one')
    .argument('[tunnels...]', 'HOST:PORT, rds:ID, cache:ID, the same behind LOCAL:, or a name in bastion.json')
    .option('--socks', 'open a SOCKS proxy to every host behind the bastion too, at port 1080')
    .option('--socks-port <port>', 'open it at another port')
    .option('--exec <command>', 'run it with BASTION_HOST, BASTION_PORT (PGPORT, …), and end with it')
    .option('--keep', 'extend the bastion by --ttl (1h) while the tunnels are used, as far as its deployment allows')
    .addHelpText(
      'after',
      examples([
        ['bastion tunnel db.internal:5432', '127.0.0.1:5432 leads to the database until Ctrl-C'],
        ['bastion tunnel 8080:app.internal:80 cache.internal:6379', 'two at once, one with a port of your choice'],
        ['bastion tunnel rds:orders cache:sessions', 'by their ids, looked up with your own credentials'],
        ['bastion tunnel db', 'with {"tunnels": {"db": "rds:orders"}} in bastion.json'],
        ["bastion tunnel db --exec 'psql -U ann app'", 'open it for one program'],
        ['bastion tunnel --socks --keep', 'a SOCKS proxy into the VPC that lives while you use it'],
      ]),
    )
    .action(async (names: readonly string[], _options: unknown, command: Command) => {
      const program = textOption(command, 'exec');
      const { json, socks, keep } = optionsOf(command);
      if (program !== undefined && json === true) {
        throw usageError('--json: got it with --exec, whose program has the output. Leave one of them out.');
      }
      if (program?.trim() === '') throw usageError('--exec: got no command, expected one such as "psql".');
      const port = socksPortOf(command, socks === true);
      const settings = await invocation.settings(command);
      if (names.length === 0 && port === undefined) throw nothingToOpen(Object.keys(settings.tunnels));
      const { parseTunnel } = await import('../ssh/forwards.ts');
      const tunnels = names.map((text) => parseTunnel(text, settings.tunnels));
      const { openTunnels } = await import('../session/tunnel.ts');
      invocation.exitCode = await openTunnels(await invocation.context(command), tunnels, {
        ...startOptionsOf(command),
        isKept: keep === true,
        ...(port !== undefined && { socks: port }),
        ...(program !== undefined && { program }),
      });
    });
}

function socksPortOf(command: Command, isWanted: boolean): number | undefined {
  if (textOption(command, 'socksPort') !== undefined) return numberOption(command, 'socksPort', 0, 65_535);
  return isWanted ? 1080 : undefined;
}

const nothingToOpen = (names: readonly string[]) =>
  usageError(
    `tunnel: got no tunnel, expected HOST:PORT, rds:ID, cache:ID, --socks, or a name. ${
      names.length === 0 ? 'bastion.json names no tunnels' : `bastion.json names ${names.join(', ')}`
    }.`,
  );
