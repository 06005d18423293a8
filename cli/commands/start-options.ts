/** The options of every command that starts a bastion. */
import { type Command, Option } from 'commander';
import { numberOption, textOption } from '../invocation.ts';
import type { StartOptions } from '../session/start.ts';

export const addStartOptions = (command: Command): Command =>
  command
    .option('--ttl <time>', 'let it expire so long after now, such as 90m or 8h')
    .option('--key <file>', 'private or public key for the bastion; - reads a public one from standard input')
    .addOption(new Option('--timeout <seconds>', 'give up waiting after so long').default('180', '180'));

export function startOptionsOf(command: Command): StartOptions {
  const [ttl, key] = [textOption(command, 'ttl'), textOption(command, 'key')];
  return {
    ...(ttl !== undefined && { ttl }),
    ...(key !== undefined && { key }),
    timeoutSeconds: numberOption(command, 'timeout', 1, 3600),
  };
}
