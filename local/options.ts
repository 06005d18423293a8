/** What `npm start` can be told: ports by environment, settings of the stack by `-c name=value`, as with `cdk`. */
import { parseArgs } from 'node:util';

export interface Options {
  readonly apiPort: number;
  readonly awsPort: number;
  readonly context: Readonly<Record<string, string>>;
}

/** Throws an error that says what was got and what is expected. */
export function readOptions(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Options {
  const { values } = parseArgs({
    args: [...args],
    options: { context: { type: 'string', short: 'c', multiple: true } },
  });
  return {
    apiPort: port('PORT', env.PORT ?? '6001'),
    awsPort: port('AWS_PORT', env.AWS_PORT ?? '6002'),
    context: Object.fromEntries((values.context ?? []).map(setting)),
  };
}

function port(variable: string, value: string): number {
  const number = /^[0-9]{1,5}$/.test(value) ? Number(value) : -1;
  if (number >= 0 && number <= 65535) return number;
  throw new Error(`${variable}: got "${value}", expected a port from 1 to 65535 (0 takes any free one).`);
}

function setting(text: string): [string, string] {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name, value];
  throw new Error(`-c: got "${text}", expected <setting>=<value>, for example -c defaultTtl=10m.`);
}
