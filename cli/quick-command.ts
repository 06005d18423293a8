/**
 * The commands that run most: the two that ssh runs for each connection, in the form that `bastion ssh-config` writes, and the
 * status. They do without the parser of command lines, which takes longer to load than they to run.
 */
export type QuickCommand = FromDisk | { readonly name: 'status'; readonly isJson: boolean };

export interface FromDisk {
  readonly name: 'up' | 'proxy';
  /** The file of settings. */
  readonly config: string | undefined;
}

/** @returns undefined for every other command line */
export function quickCommand(args: readonly string[]): QuickCommand | undefined {
  const [name, ...others] = args;
  const [format, ...rest] = name === 'status' ? others : args;
  if ([undefined, '--json'].includes(format) && rest.length === 0)
    return { name: 'status', isJson: format === '--json' };
  const [options, config] = others[0] === '--config' ? [others.slice(2), others[1]] : [others, undefined];
  if (name === 'proxy' && options.length <= 1 && options.every((option) => !option.startsWith('-'))) {
    return { name, config };
  }
  const [condition, quiet, ...more] = options;
  return name === 'up' && condition === '--if-needed' && [undefined, '--quiet'].includes(quiet) && more.length === 0
    ? { name, config }
    : undefined;
}
