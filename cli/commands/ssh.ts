/** `bastion ssh`: the person's own ssh on the bastion, or on a host behind it. */
import type { Command } from 'commander';
import { type Invocation, optionsOf } from '../invocation.ts';
import { usageError } from '../terminal/errors.ts';
import { examples } from './help.ts';
import { addStartOptions, startOptionsOf } from './start-options.ts';

export function addSsh(program: Command, invocation: Invocation): void {
  addStartOptions(program.command('ssh'))
    .description('start your bastion if none is live, then run your own ssh on it, or on a host behind it')
    .argument('[target]', 'a host behind the bastion, as ssh takes it: [login@]host')
    .usage('[options] [target] [-- arguments of ssh]')
    .addHelpText(
      'after',
      examples([
        ['bastion ssh', 'a shell on the bastion'],
        ['bastion ssh app.internal', 'a shell behind it, with your own key and known_hosts'],
        ['bastion ssh ec2-user@10.0.3.4 -- uptime', 'a command behind it'],
        ['bastion ssh -- -N -D 1080', 'a SOCKS proxy into the VPC'],
      ]),
    )
    .action(async (target: string | undefined, _options: unknown, command: Command) => {
      const options = startOptionsOf(command);
      if (optionsOf(command).json === true) {
        throw usageError('--json: got it with ssh, whose output is its own. "bastion up --json" prints the bastion.');
      }
      if (target === '') throw usageError('ssh: got an empty target, expected [login@]host, or none for the bastion.');
      const context = await invocation.context(command);
      const { enterBastion } = await import('../session/enter.ts');
      invocation.exitCode = await enterBastion(context, options, target, invocation.sshArguments);
    });
}
