/**
 * The hours in which the pool is kept: `always`, or days and times on the wall clock of one time zone, such as
 * `Mon-Thu 08:00-18:00, Fri 08:00-15:00 Europe/Berlin`.
 *
 * - A day range may pass the end of the week: `Sat-Mon`. A whole day is `00:00-24:00`.
 * - A span that ends before it begins goes on into the next day: `Fri 22:00-06:00` ends on Saturday.
 * - The wall clock decides, also on the days on which it changes. An hour that the clock skips never comes, and an hour that it
 *   repeats comes twice. So a span's first minute comes again if the clock goes back over it.
 */
import * as v from 'valibot';

const days: readonly string[] = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

const minutesPerDay = 24 * 60;
const minutesPerWeek = days.length * minutesPerDay;

const mostSpans = 10;
/** Room for that many spans and the longest name of a zone. */
const mostCharacters = 256;

const example = 'Mon-Fri 08:00-18:00 Europe/Berlin';

/** Minutes of a week that begins on Monday at 00:00. `to` is the first minute outside. */
interface Span {
  readonly from: number;
  readonly to: number;
}

export interface PoolHours {
  /** The text that says them, with single blanks. */
  readonly text: string;
  /** In order, without overlaps. */
  readonly spans: readonly Span[];
  /** Tells the day and the time in the zone. Making one takes far longer than asking it. */
  readonly wallClock: Intl.DateTimeFormat;
}

/** A text that is no hours. The message is the rest of a sentence that begins with "expected". */
class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** From text. Each message is the rest of a sentence that begins with "expected". */
export const poolHours = v.pipe(
  v.string(`always, or hours such as ${example}`),
  v.maxLength(mostCharacters, `at most ${mostCharacters} characters`),
  v.rawTransform<string, PoolHours>(({ dataset, addIssue, NEVER }) => {
    try {
      return read(dataset.value.trim().replaceAll(/\s+/g, ' '));
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      addIssue({ message: error.message });
      return NEVER;
    }
  }),
);

/** @param instant epoch milliseconds */
export function isWithin({ spans, wallClock }: PoolHours, instant: number): boolean {
  const parts = new Map(wallClock.formatToParts(instant).map(({ type, value }) => [type, value]));
  const day = days.indexOf(parts.get('weekday') ?? '');
  const minute = day * minutesPerDay + Number(parts.get('hour')) * 60 + Number(parts.get('minute'));
  return spans.some(({ from, to }) => from <= minute && minute < to);
}

/** Hours in a week on which the clock does not change. The two changes of a year take an hour and give one. */
export const hoursPerWeek = ({ spans }: PoolHours): number =>
  spans.reduce((minutes, { from, to }) => minutes + to - from, 0) / 60;

function read(text: string): PoolHours {
  if (text === 'always') return { text, spans: [{ from: 0, to: minutesPerWeek }], wallClock: wallClockIn('UTC') };
  const zoneAt = text.lastIndexOf(' ');
  if (zoneAt === -1) throw new Unreadable(`always, or hours such as ${example}`);
  const wallClock = wallClockIn(text.slice(zoneAt + 1));
  const parts = text.slice(0, zoneAt).split(',');
  if (parts.length > mostSpans) throw new Unreadable(`at most ${mostSpans} spans, not ${parts.length}`);
  const spans = parts.flatMap((part) => spansOf(part.trim()));
  return { text, spans: merged(spans), wallClock };
}

/** `Mon-Fri 08:00-18:00`: a span for each day. */
function spansOf(part: string): readonly Span[] {
  const [, firstName = '', lastName = firstName, fromText = '', toText = ''] =
    /^([^\s-]+)(?:-([^\s-]+))? ([^\s-]+)-([^\s-]+)$/.exec(part) ?? [];
  if (toText === '') throw new Unreadable(`days and times such as Mon-Fri 08:00-18:00, not ${JSON.stringify(part)}`);
  const [first, last] = [dayOf(firstName), dayOf(lastName)];
  const [from, to] = [minuteOf(fromText), minuteOf(toText)];
  if (from === minutesPerDay) throw new Unreadable(`a span that begins before 24:00, not ${JSON.stringify(part)}`);
  if (from === to) {
    throw new Unreadable(
      `a span that ends at another time than it begins, such as 00:00-24:00 for a whole day, not ${JSON.stringify(part)}`,
    );
  }
  const length = to > from ? to - from : to - from + minutesPerDay;
  const count = ((last - first + days.length) % days.length) + 1;
  return Array.from({ length: count }, (_, n) => {
    const start = ((first + n) % days.length) * minutesPerDay + from;
    return { from: start, to: start + length };
  });
}

function dayOf(name: string): number {
  const index = days.indexOf(name);
  if (index === -1) throw new Unreadable(`days of ${days.join(', ')}, not ${JSON.stringify(name)}`);
  return index;
}

function minuteOf(time: string): number {
  const [, hours = NaN, minutes = NaN] = (/^(\d\d):(\d\d)$/.exec(time) ?? []).map(Number);
  const minute = hours * 60 + minutes;
  if (!(minutes < 60 && minute <= minutesPerDay)) {
    throw new Unreadable(`times from 00:00 to 24:00, not ${JSON.stringify(time)}`);
  }
  return minute;
}

function wallClockIn(timeZone: string): Intl.DateTimeFormat {
  const problem = `a time zone at the end, such as Europe/Berlin or UTC, not ${JSON.stringify(timeZone)}`;
  // Intl also takes offsets such as +02:00, which would be an hour wrong for half of the year.
  if (!/^[A-Za-z]/.test(timeZone)) throw new Unreadable(problem);
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new Unreadable(problem, { cause });
  }
}

/** The same minutes in order, without overlaps, and within one week. */
function merged(spans: readonly Span[]): readonly Span[] {
  const inWeek = spans.flatMap(({ from, to }) =>
    to <= minutesPerWeek
      ? [{ from, to }]
      : [
          { from, to: minutesPerWeek },
          { from: 0, to: to - minutesPerWeek },
        ],
  );
  const disjoint: Span[] = [];
  for (const span of inWeek.toSorted((one, other) => one.from - other.from)) {
    const last = disjoint.at(-1);
    if (last === undefined || last.to < span.from) disjoint.push(span);
    else disjoint.splice(-1, 1, { from: last.from, to: Math.max(last.to, span.to) });
  }
  return disjoint;
}
