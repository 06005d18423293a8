/**
 * The log of the local run. A short line has the time, the person and one decision. A verbose line has everything that the
 * function or the container logged.
 */
import * as v from 'valibot';
import type { Endpoint } from './fargate/firewall.ts';
import { type Paint, shellWord, sshCommand } from './shell.ts';

/** A line of a function, which its title names (`Start`), or of a task's container. */
export type LogEntry =
  | { readonly title: string; readonly line: string }
  | { readonly taskId: string; readonly container: string; readonly line: string };

const optionalText = v.optional(v.string());
const decision = v.looseObject({
  level: v.string(),
  message: v.string(),
  sessionId: optionalText,
  owner: optionalText,
  reason: optionalText,
  detail: optionalText,
  resource: optionalText,
  taskArn: optionalText,
  error: v.optional(v.looseObject({ message: v.string() })),
});
type Decision = v.InferOutput<typeof decision>;
const functionLine = v.pipe(v.string(), v.parseJson(), decision);

/** Fields that a verbose line leaves out: they are the same on every line, or longer than a terminal. */
const unshown = ['level', 'message', 'timestamp', 'service', 'trace', 'error', 'sampling_rate'];

/** The session's id in front of each line of an agent's log. */
const lineStart = /^\[[0-9a-f-]{36}\] /;
/** sshd's lines about a login, and their short forms. */
const sshdLines: readonly [RegExp, (...groups: string[]) => string][] = [
  [/^Accepted publickey for .+ from (\S+) port/, (from) => `logged in from ${from}`],
  [/^Disconnected from user .+ (\S+) port/, (from) => `logged out from ${from}`],
  [
    /^Connection closed by (?:authenticating|invalid) user (.+) (\S+) port/,
    (login, from) => `login ${login} from ${from} refused`,
  ],
];
const standInLine = /^stand-in for (\S+), the vendor's is not installed here: would run/;
/** Lines of the agents that repeat the functions' lines. */
const expectedAgentLine = /^bastion: (login |up: |runs |ended by a signal)/;

export interface ShortLog {
  /** Where people reach a task. */
  readonly entranceOf: (taskId: string) => Endpoint | undefined;
  /** The login of every bastion here. */
  readonly login: () => string;
  readonly paint: Paint;
}

/** The short form of entries. Undefined for an entry that only the verbose log has. */
export function shortLog({ entranceOf, login, paint }: ShortLog): (entry: LogEntry) => string | undefined {
  const owners = new Map<string, string>();
  const line = (whose: string, text: string) => `${paint('bold', whose.padEnd(12))}  ${text}`;

  const ofFunction = (title: string, text: string): string | undefined => {
    if (!text.startsWith('{')) return line(title, text);
    const { success, output } = v.safeParse(functionLine, text);
    if (!success) return undefined;
    const { level, owner, sessionId, message } = output;
    const taskId = output.taskArn?.split('/').at(-1);
    if (taskId !== undefined && owner !== undefined) owners.set(taskId, owner);
    const whose = owner ?? sessionId?.slice(0, 8) ?? title;
    const entrance = message === 'bastion ready' && taskId !== undefined ? entranceOf(taskId) : undefined;
    if (entrance) {
      const command = sshCommand(entrance.port, shellWord(`${login()}@${entrance.host}`));
      return line(whose, `${paint('green', message)}: ${paint('bold', command)}`);
    }
    return line(whose, level === 'ERROR' ? paint('red', `ERROR  ${explained(output)}`) : explained(output));
  };

  const ofContainer = (taskId: string, container: string, logged: string): string | undefined => {
    const text = logged.replace(lineStart, '');
    const whose = owners.get(taskId) ?? `task ${taskId.slice(0, 6)}`;
    if (container === 'firewall') return line(whose, paint('yellow', text));
    const [, program] = standInLine.exec(text) ?? [];
    if (program !== undefined) return line(whose, `${program} is not installed here, so a stand-in takes its place`);
    if (expectedAgentLine.test(text)) return undefined;
    if (text.startsWith('bastion: ')) return line(whose, text.slice('bastion: '.length));
    for (const [pattern, words] of sshdLines) {
      const groups = pattern.exec(text);
      if (groups) return line(whose, words(...groups.slice(1)));
    }
    return undefined;
  };

  return (entry) =>
    'title' in entry ? ofFunction(entry.title, entry.line) : ofContainer(entry.taskId, entry.container, entry.line);
}

/** A decision with its reasons: `session removed (expired)`, `start failed: no capacity`. */
function explained({ message, reason, detail, resource, error }: Decision): string {
  const words = [
    resource && ` ${resource}`,
    reason !== 'stopped' && reason && ` (${reason})`,
    detail && `: ${detail}`,
    error && `: ${error.message}`,
  ];
  return [message, ...words].filter(Boolean).join('');
}

/** The verbose form of an entry. Undefined for metrics and the like. */
export function verboseLine(entry: LogEntry): string | undefined {
  if (!('title' in entry)) return `${`task ${entry.taskId.slice(0, 6)}`.padEnd(12)}  ${entry.container}: ${entry.line}`;
  const text = functionText(entry.line);
  return text === undefined ? undefined : `${entry.title.padEnd(12)}  ${text}`;
}

function functionText(line: string): string | undefined {
  if (!line.startsWith('{')) return line;
  const { success, output } = v.safeParse(functionLine, line);
  if (!success) return undefined;
  const { level, message, error, ...others } = output;
  const fields = Object.entries(others)
    .filter(([name, value]) => !unshown.includes(name) && value !== undefined)
    .map(([name, value]) => `${name}=${String(value)}`);
  return [level === 'ERROR' ? 'ERROR' : '', message, ...fields, error?.message].filter(Boolean).join('  ');
}

/** A line with the time in front: `12:30:05  …` */
export function stamped(line: string): string {
  return `${new Date().toTimeString().slice(0, 8)}  ${line}`;
}
