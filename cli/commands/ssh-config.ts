/** `bastion ssh-config`: makes `ssh bastion` work, and every program that runs ssh. */
import type { Command } from 'commander';
import { type Invocation, optionsOf, textOption } from '../invocation.ts';
import { usageError } from '../terminal/errors.ts';
import { examples } from './help.ts';

const actions = ['install', 'uninstall', 'print'] as const;

export function addSshConfig(program: Command, invocation: Invocation): void {
  program
    .command('ssh-config')
    .description('let "ssh bastion", scp, rsync, editors and Ansible start your bastion and enter it')
    .option('--install', "write the lines beside ssh's configuration, and include them there")
    .option('--uninstall', 'remove both')
    .option('--print', 'show the lines, which is also what it does without an option')
    .option('--host <name>', 'the name for ssh', 'bastion')
    .option('--file <file>', "ssh's configuration (default: ~/.ssh/config)")
    .addHelpText(
      'after',
      examples([
        ['bastion ssh-config --install && ssh bastion', 'start it if none is live, and enter it'],
        ['BASTION_NO_START=1 git fetch', 'enter a live one, start none'],
        ['bastion ssh-config --uninstall', "leave ssh's configuration as it was"],
      ]),
    )
    .action(async (_options: unknown, command: Command) => {
      const options = optionsOf(command);
      const chosen = actions.filter((action) => options[action] === true);
      if (chosen.length > 1) throw usageError(`ssh-config: got --${chosen.join(' and --')}, expected one of them.`);
      const { placesOf, installSshConfig, sshConfigLines, uninstallSshConfig } = await import(
        '../session/ssh-config.ts'
      );
      const places = placesOf(textOption(command, 'file'));
      const host = textOption(command, 'host') ?? '';
      const [action = 'print'] = chosen;
      if (action === 'uninstall') {
        const wasInstalled = uninstallSshConfig(places);
        const text = wasInstalled ? `${places.file} is as it was.` : 'Nothing was installed.';
        return invocation.terminal(command).result(text, { file: places.file, wasInstalled });
      }
      const context = await invocation.context(command);
      if (action === 'print') {
        const lines = await sshConfigLines(context, places, host);
        return context.terminal.result(lines.trimEnd(), { lines });
      }
      await installSshConfig(context, places, host);
      const text = `"ssh ${host}" enters your bastion: ${places.file} includes ${places.lines}.`;
      context.terminal.result(text, { host, file: places.file, lines: places.lines });
    });
}
