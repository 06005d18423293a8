/** The log of the local run: one short line per decision, whoever made it. */
import * as v from 'valibot';

const functionLine = v.looseObject({ level: v.string(), message: v.string() });

/** What is the same on every line, or longer than a terminal. */
const left = ['level', 'message', 'timestamp', 'service', 'trace', 'error', 'sampling_rate'];

/** A line that a function has logged, for people; undefined for metrics and the like. */
export function functionLogLine(line: string): string | undefined {
  if (!line.startsWith('{')) return line;
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), functionLine), line);
  if (!parsed.success) return undefined;
  const { level, message, error } = parsed.output;
  const fields = Object.entries(parsed.output)
    .filter(([name, value]) => !left.includes(name) && value !== undefined)
    .map(([name, value]) => `${name}=${String(value)}`);
  return [level === 'ERROR' ? 'ERROR' : '', message, ...fields, reason(error)].filter(Boolean).join('  ');
}

function reason(error: unknown): string {
  const parsed = v.safeParse(v.looseObject({ message: v.string() }), error);
  return parsed.success ? parsed.output.message : '';
}

/** `12:30:05  start         bastion ready  sessionId=…` */
export function stamped(source: string, line: string): string {
  return `${new Date().toTimeString().slice(0, 8)}  ${source.padEnd(12)}  ${line}`;
}
