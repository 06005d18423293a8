/** One run of the command: its environment, its options, and its exit code. */
import type { Command } from 'commander';
import type { Context } from './session/context.ts';
import type { Environment } from './state/places.ts';
import { currentFolder, readSettings, type Settings, settingNames, type Values } from './state/settings.ts';
import { usageError } from './terminal/errors.ts';
import { type Manner, Terminal } from './terminal/terminal.ts';

export class Invocation {
  exitCode = 0;
  readonly env: Environment;
  /** The arguments behind `--`, which are ssh's. */
  readonly sshArguments: readonly string[];

  constructor(env: Environment, sshArguments: readonly string[]) {
    this.env = env;
    this.sshArguments = sshArguments;
  }

  /** @param changes what the command itself decides */
  terminal(command: Command, changes: Partial<Manner> = {}): Terminal {
    const options = optionsOf(command);
    return new Terminal({
      isJson: options.json === true,
      isQuiet: options.quiet === true,
      isVerbose: options.verbose === true,
      isDumb: this.env.TERM === 'dumb',
      isCi: Boolean(this.env.CI) && this.env.CI !== 'false',
      ...changes,
    });
  }

  /** The settings that `command` runs with. @param onBroken as in `readSettings` */
  settings(command: Command, onBroken?: (error: unknown) => void): Promise<Settings> {
    return readSettings(flagsOf(command), this.env, currentFolder(), textOption(command, 'config'), onBroken);
  }

  /** Loads what a command needs that asks the API. */
  async context(command: Command, terminal = this.terminal(command)): Promise<Context> {
    const { contextOf } = await import('./session/context.ts');
    return contextOf(await this.settings(command), terminal, this.env);
  }
}

/** The options of a command and of the program, whose values commander does not type. */
export const optionsOf = (command: Command): Readonly<Record<string, unknown>> => command.optsWithGlobals();

/** The settings that the command line names. */
export function flagsOf(command: Command): Values {
  return Object.fromEntries(
    settingNames.flatMap((name) => {
      const value = textOption(command, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

export function textOption(command: Command, name: string): string | undefined {
  const value = optionsOf(command)[name];
  return typeof value === 'string' ? value : undefined;
}

/** @throws CliError for anything but a whole number in the range */
export function numberOption(command: Command, name: string, least: number, most: number): number {
  const text = textOption(command, name) ?? '';
  const value = /^[0-9]{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  const flag = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw usageError(`--${flag}: got "${text}", expected a whole number from ${least} to ${most}.`);
}
