/** Errors in words, and the exit code of each. */
import { systemSentence } from './system-errors.ts';

export const exitCodes = {
  /** AWS, the API, ssh or this machine did not do it. */
  failed: 1,
  /** The command line or a file of settings is wrong. */
  usage: 2,
  /** No bastion is live. */
  notLive: 3,
  /** The API refuses: no permission, or a conflict with the live bastion. */
  refused: 4,
  /** The same command may work in a while. */
  tryAgain: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A failure that says in its message what to do. */
export class CliError extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}

export const usageError = (message: string): CliError => new CliError(message, exitCodes.usage);

export const exitCodeOf = (error: unknown): ExitCode => (error instanceof CliError ? error.exitCode : exitCodes.failed);

/** A text of the API's as a terminal shows it. Control characters would command the terminal. */
export const printable = (text: string): string => text.replaceAll(/(?![\n\t])\p{Cc}/gu, '?');

/** The text for standard error. An error that is not one of ours shows its stack only if `isVerbose`. */
export function errorText(error: unknown, isVerbose: boolean): string {
  if (!(error instanceof Error)) return `bastion: ${String(error)}`;
  const causes = isVerbose ? `\n${error.stack ?? ''}${causeText(error.cause)}` : '';
  return printable(`bastion: ${sentenceOf(error)}${causes}`);
}

/** The words of an error, with the remedy where the system's own words name none. */
export const sentenceOf = (error: unknown): string =>
  error instanceof Error ? (systemSentence(error) ?? error.message) : String(error);

function causeText(cause: unknown): string {
  if (cause === undefined) return '';
  return `\ncaused by ${cause instanceof Error ? `${cause.stack ?? cause.message}${causeText(cause.cause)}` : String(cause)}`;
}

/** A text of somebody else, which cannot end the line and begin one in the command's name. */
export const oneLine = (text: string): string => text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
