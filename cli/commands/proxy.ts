/** `bastion proxy`: ssh's `ProxyCommand`. */
import type { Command } from 'commander';
import type { Invocation } from '../invocation.ts';
import { errorText } from '../terminal/errors.ts';
import { examples } from './help.ts';

/** ssh expects it of a proxy that has failed. */
const failed = 255;

export function addProxy(program: Command, invocation: Invocation): void {
  program
    .command('proxy', { hidden: true })
    .description('connect standard input and output with the bastion, for ssh; start one if none is live')
    .argument('[host]', 'the name by which ssh asks for it')
    .addHelpText(
      'after',
      examples([['ssh -o ProxyCommand="bastion proxy %n" bastion', 'what "bastion ssh-config" writes in full']]),
    )
    .action(async (_host: string | undefined, _options: unknown, command: Command) => {
      const terminal = invocation.terminal(command, { isJson: false, isQuiet: true });
      const { proxy, refuse } = await import('../session/proxy-live.ts');
      try {
        await proxy(await invocation.context(command, terminal));
      } catch (error) {
        await refuse(errorText(error, terminal.manner.isVerbose));
        invocation.exitCode = failed;
      }
    });
}
