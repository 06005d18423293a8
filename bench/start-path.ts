/** The AWS calls of one start as a timeline, which shows the calls that run side by side. */
import * as v from 'valibot';
import { table } from '../contracts/stack.ts';
import type { Call } from '../emulator/wire.ts';
import { columns, whole } from './figures.ts';
import { callMs, type Start, type Starts, type TimedCall } from './starts.ts';

/** A period in milliseconds since the request. */
interface Span {
  readonly label: string;
  readonly begin: number;
  readonly end: number;
}

/** A line of the timeline. The same call several times in a row is one line. */
interface Line extends Span {
  readonly times: number;
}

/** Returns the timeline, and the numbers of calls and steps. */
export function startPath({ cold, slow }: Starts): string {
  const calls = spansOf(slow.calls);
  const launchedAt = calls.find(({ label }) => label === 'ecs RunTask')?.end ?? 0;
  const earlyCalls = calls.filter(({ begin }) => begin < launchedAt);
  const spans = [...calls, moment('sshd is up', slow.sshdUp), moment('the answer', slow.answered)];
  const summary = columns([
    ['until RunTask has answered', `${earlyCalls.length} calls in ${sideBySide(earlyCalls).length} steps`],
    ['until the answer', `${calls.length} calls`],
    ['first call', `after ${whole(firstCall(slow))} ms`],
    ['first call when the function is loaded first', `after ${whole(firstCall(cold))} ms`],
  ]);
  return [
    `Start path: the AWS calls of one POST / (ms since the request; each call made to take ${callMs} ms longer than here)\n\n`,
    drawn(spans),
    `\n${summary}`,
  ].join('');
}

/** Draws calls over time. */
export const timeline = (calls: readonly TimedCall[]): string => drawn(spansOf(calls));

/** How many of these calls follow one another. Calls side by side count as one. */
export const stepsOf = (calls: readonly TimedCall[]): number => sideBySide(spansOf(calls)).length;

const spansOf = (calls: readonly TimedCall[]): Span[] =>
  calls
    .map(({ call, begin, end }) => ({ label: labelOf(call), begin, end }))
    .sort((one, other) => one.begin - other.begin);

function drawn(spans: readonly Span[]): string {
  const steps = sideBySide(folded(spans.toSorted((one, other) => one.begin - other.begin)));
  const lines = steps.flatMap((step) => step.map((line, at) => lineText(line, bracket(at, step.length))));
  return ['    begin     end\n', ...lines].join('');
}

const firstCall = ({ calls }: Start): number => calls[0]?.begin ?? 0;

const moment = (label: string, at: number): Span => ({ label: `-- ${label}`, begin: at, end: at });

const lineText = ({ label, times, begin, end }: Line, mark: string) =>
  `  ${whole(begin).padStart(7)} ${begin === end ? ''.padStart(7) : whole(end).padStart(7)}  ${mark} ${label}${times > 1 ? ` x${times}` : ''}\n`;

/** Marks the calls of a step that run side by side. */
function bracket(at: number, count: number): string {
  if (count === 1) return ' ';
  if (at === 0) return '┌';
  return at === count - 1 ? '└' : '│';
}

function folded(spans: readonly Span[]): Line[] {
  const lines: Line[] = [];
  for (const span of spans) {
    const last = lines.at(-1);
    if (last?.label === span.label) lines.splice(-1, 1, { ...last, times: last.times + 1, end: span.end });
    else lines.push({ ...span, times: 1 });
  }
  return lines;
}

/** Groups overlapping spans into steps. It expects the spans in the order of their begin. */
function sideBySide<Some extends Span>(spans: readonly Some[]): Some[][] {
  const groups: Some[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const span of spans) {
    if (span.begin < end) groups.at(-1)?.push(span);
    else groups.push([span]);
    end = Math.max(end, span.end);
  }
  return groups;
}

const item = v.object({ [table.key]: v.object({ S: v.string() }) });
const itemInput = v.union([
  v.pipe(
    v.object({ Key: item }),
    v.transform(({ Key }) => Key),
  ),
  v.pipe(
    v.object({ Item: item }),
    v.transform(({ Item }) => Item),
  ),
]);

/** Returns the service, the action and the kind of an item: `ecs RunTask`, `dynamodb GetItem claim`. */
function labelOf({ service, action, input }: Call): string {
  const parsed = v.safeParse(itemInput, input);
  const key = parsed.success ? parsed.output[table.key].S : '';
  const kind = key === '' ? [] : [key.includes('#') ? key.split('#')[0] : 'handoff'];
  return [service, action, ...kind].join(' ');
}
