/** The options of every command that starts a bastion. */
import { type Command, Option } from 'commander';
import { numberOption, textOption } from '../invocation.ts';
import type { StartOptions } from '../session/start.ts';
import { usageError } from '../terminal/errors.ts';

export const addStartOptions = (command: Command): Command =>
  command
    .option('--ttl <time>', 'let it expire so long after now, such as 90m or 8h')
    .option('--key <file>', 'private or public key for the bastion; - reads a public one from standard input')
    .addOption(new Option('--timeout <seconds>', 'give up waiting after so long').default('180', '180'));

export function startOptionsOf(command: Command): StartOptions {
  const [ttl, key] = [textOption(command, 'ttl'), textOption(command, 'key')];
  if (ttl !== undefined) checkTime('--ttl', ttl);
  return {
    ...(ttl !== undefined && { ttl }),
    ...(key !== undefined && { key }),
    timeoutSeconds: numberOption(command, 'timeout', 1, 3600),
  };
}

/** The API knows which times a deployment allows. @throws CliError for a text that is none */
export function checkTime(name: string, text: string): void {
  if (!/^0*[1-9][0-9]{0,5}[mh]$/.test(text))
    throw usageError(`${name}: got "${text}", expected a time such as 90m or 8h.`);
}
