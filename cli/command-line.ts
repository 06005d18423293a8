/** Parses one command line and runs its command. The command's own output aside, it prints errors alone. */
import { type Command, CommanderError } from 'commander';
import { Invocation } from './invocation.ts';
import { createProgram } from './program.ts';
import { hasCode } from './state/files.ts';
import type { Environment } from './state/places.ts';
import { CliError, errorText, exitCodeOf, exitCodes, usageError } from './terminal/errors.ts';
import { nearest } from './terminal/nearest.ts';

/** @returns the exit code */
export async function runCommandLine(args: readonly string[], env: Environment): Promise<number> {
  // A reader that has seen enough, such as `head`, is no failure.
  process.stdout.on('error', (error) => {
    if (hasCode(error, 'EPIPE')) return;
    process.stderr.write(`${errorText(error, false)}\n`);
    process.exit(exitCodes.failed);
  });
  const end = args.indexOf('--');
  const own = end === -1 ? args : args.slice(0, end);
  try {
    return await run(args, own, env);
  } catch (error) {
    process.stderr.write(`${errorText(error, own.includes('--verbose'))}\n`);
    return exitCodeOf(error);
  }
}

/** @param own the arguments in front of `--` */
async function run(args: readonly string[], own: readonly string[], env: Environment): Promise<number> {
  const invocation = new Invocation(env, args.slice(own.length + 1));
  const program = strict(createProgram(invocation));
  const name = commandIn(program, own);
  if (own.length < args.length && name !== 'ssh' && name !== 'complete') {
    throw usageError(`got arguments behind --, which only "bastion ssh" passes on. Leave the -- out.`);
  }
  try {
    await program.parseAsync([...(name === 'complete' ? args : own)], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw ofCommander(error); // 0: it has printed help
  }
  return invocation.exitCode;
}

/** Every command throws its errors, and prints none. */
function strict(command: Command): Command {
  command.exitOverride().configureOutput({ outputError: () => {} });
  for (const one of command.commands) strict(one);
  return command;
}

/** commander would take an unknown command for arguments of `status`, which is what `bastion` alone runs. */
function commandIn(program: Command, args: readonly string[]): string | undefined {
  const name = firstOperand(program, args);
  const isHelp = name === 'help';
  const asked = isHelp ? firstOperand(program, args.slice(args.indexOf(name) + 1)) : name;
  if (asked === undefined || asked === 'help' || program.commands.some((command) => command.name() === asked))
    return name;
  const names = program
    .createHelp()
    .visibleCommands(program)
    .map((command) => command.name());
  throw usageError(
    `${isHelp ? 'help: ' : ''}got the command "${asked}", expected one of ${names.join(', ')}. The nearest is ${nearest(asked, names)}.`,
  );
}

/** The first argument that is no option and no value of one. */
function firstOperand(program: Command, args: readonly string[]): string | undefined {
  const valued = program.options.filter(({ required }) => required).map(({ long }) => long);
  return args.find((arg, index) => !arg.startsWith('-') && !valued.includes(args[index - 1]));
}

/** commander's sentence, and where the right names are. */
function ofCommander({ message }: CommanderError): CliError {
  const words = message.replace(/^error: /, '').replaceAll('\n', ' ');
  const sentence = /[.)]$/.test(words) ? words : `${words}.`;
  return new CliError(
    `${sentence} "bastion help" lists the commands, and "bastion COMMAND --help" its options.`,
    exitCodes.usage,
  );
}
