import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { hoursPerWeek, isWithin, poolHours } from '../../contracts/pool-hours.ts';
import { dayMs, hourMs, minuteMs } from '../support/time.ts';

const hoursOf = (text: string) => v.parse(poolHours, text);

const problemsOf = (value: unknown) => v.safeParse(poolHours, value).issues?.map(({ message }) => message) ?? [];

/** The spans in which the pool is kept within two days from `start` on, as `05T06:00 to 05T16:00` in UTC. */
function keptFrom(start: string, text: string): readonly string[] {
  const hours = hoursOf(text);
  const minutes = Array.from({ length: (2 * dayMs) / minuteMs + 1 }, (_, n) => Date.parse(start) + n * minuteMs);
  const changes = minutes.filter((instant) => isWithin(hours, instant) !== isWithin(hours, instant - minuteMs));
  const names = changes.map((instant) => new Date(instant).toISOString().slice(8, 16));
  return Array.from({ length: Math.ceil(names.length / 2) }, (_, n) => `${names[2 * n]} to ${names[2 * n + 1]}`);
}

describe('the hours of the pool', () => {
  it.each<[text: string, start: string, kept: string[]]>([
    // Sunday 29 March 2026, 02:00 to 03:00 is skipped at 01:00 UTC.
    ['Sun 01:30-03:30 Europe/Berlin', '2026-03-28T12:00Z', ['29T00:30 to 29T01:30']],
    ['Sun 02:30-04:00 Europe/Berlin', '2026-03-28T12:00Z', ['29T01:00 to 29T02:00']],
    ['Sun 02:15-02:45 Europe/Berlin', '2026-03-28T12:00Z', []],
    ['Sun 00:00-24:00 Europe/Berlin', '2026-03-28T12:00Z', ['28T23:00 to 29T22:00']],
    ['Sat 22:00-06:00 Europe/Berlin', '2026-03-28T12:00Z', ['28T21:00 to 29T04:00']],
    ['Fri-Mon 08:00-18:00 Europe/Berlin', '2026-03-28T00:00Z', ['28T07:00 to 28T17:00', '29T06:00 to 29T16:00']],
    // Sunday 25 October 2026, 02:00 to 03:00 comes again at 01:00 UTC.
    ['Sun 01:30-03:30 Europe/Berlin', '2026-10-24T12:00Z', ['24T23:30 to 25T02:30']],
    ['Sun 02:15-02:45 Europe/Berlin', '2026-10-24T12:00Z', ['25T00:15 to 25T00:45', '25T01:15 to 25T01:45']],
    ['Sun 02:30-04:00 Europe/Berlin', '2026-10-24T12:00Z', ['25T00:30 to 25T01:00', '25T01:30 to 25T03:00']],
    ['Sun 00:00-24:00 Europe/Berlin', '2026-10-24T12:00Z', ['24T22:00 to 25T23:00']],
    ['Fri-Mon 08:00-18:00 Europe/Berlin', '2026-10-24T00:00Z', ['24T06:00 to 24T16:00', '25T07:00 to 25T17:00']],
    // Sunday 8 March 2026, 02:00 to 03:00 is skipped at 07:00 UTC.
    ['Sun 01:00-03:30 America/New_York', '2026-03-07T12:00Z', ['08T06:00 to 08T07:30']],
    ['Sat-Sun 22:00-06:00 America/New_York', '2026-03-07T12:00Z', ['08T03:00 to 08T10:00', '09T02:00 to 09T10:00']],
    // Sunday 1 November 2026, 01:00 to 02:00 comes again at 06:00 UTC.
    ['Sun 01:00-02:00 America/New_York', '2026-10-31T12:00Z', ['01T05:00 to 01T07:00']],
    ['Sat 22:00-06:00 America/New_York', '2026-10-31T12:00Z', ['01T02:00 to 01T11:00']],
    // An offset of 5 h 45 min all year.
    ['Wed 08:00-18:00 Asia/Kathmandu', '2026-07-01T00:00Z', ['01T02:15 to 01T12:15']],
    // From 10 h 30 min to 11 h, at 15:30 UTC on 3 October 2026: 02:00 to 02:30 is skipped.
    ['Sun 01:45-03:00 Australia/Lord_Howe', '2026-10-03T00:00Z', ['03T15:15 to 03T16:00']],
    // From 11 h to 10 h 30 min, at 15:00 UTC on 4 April 2026: 01:30 to 02:00 comes again.
    ['Sun 01:30-02:00 Australia/Lord_Howe', '2026-04-04T00:00Z', ['04T14:30 to 04T15:30']],
    // From 12 h 45 min to 13 h 45 min, at 14:00 UTC on 26 September 2026, and back at 14:00 UTC on 4 April.
    ['Sun 02:00-04:00 Pacific/Chatham', '2026-09-26T00:00Z', ['26T13:15 to 26T14:15']],
    ['Sun 02:00-04:00 Pacific/Chatham', '2026-04-04T00:00Z', ['04T12:15 to 04T15:15']],
    // A week ends, and with it a month and a year.
    ['Sun 22:00-06:00 UTC', '2028-12-31T00:00Z', ['31T22:00 to 01T06:00']],
    ['Sat-Mon 08:00-09:00 UTC', '2026-11-29T00:00Z', ['29T08:00 to 29T09:00', '30T08:00 to 30T09:00']],
    [
      'Mon 08:00-12:00, Mon 10:00-14:00, Tue 00:00-01:00 UTC',
      '2026-11-30T00:00Z',
      ['30T08:00 to 30T14:00', '01T00:00 to 01T01:00'],
    ],
    ['Mon 22:00-24:00,Tue 00:00-02:00 UTC', '2026-11-30T00:00Z', ['30T22:00 to 01T02:00']],
    ['Mon-Fri 08:00-18:00 UTC', '2026-11-28T00:00Z', []],
  ])('%s, two days from %s on, are %j', (text, start, kept) => {
    expect(keptFrom(start, text)).toEqual(kept);
  });

  it.each([
    ['always', 168],
    ['Mon-Sun 00:00-24:00 Europe/Berlin', 168],
    ['Mon-Fri 08:00-18:00 Europe/Berlin', 50],
    ['Mon-Thu 08:00-18:00, Fri 08:00-15:00 Europe/Berlin', 47],
    ['Mon-Fri 22:00-06:00 UTC', 40],
    ['Sat-Mon 08:00-09:30 UTC', 4.5],
    ['Mon-Fri 08:00-18:00, Wed 07:00-19:00, Wed 10:00-11:00 UTC', 52],
    ['Sun 22:00-06:00, Mon 05:00-07:00 UTC', 9],
  ])('%s are %d in a week', (text, hours) => {
    expect(hoursPerWeek(hoursOf(text))).toBe(hours);
  });

  it('that are always include every moment', () => {
    const always = hoursOf('always');
    fc.assert(fc.property(fc.date({ noInvalidDate: true }), (date) => isWithin(always, date.getTime())));
  });

  it('keep their text, with single blanks', () => {
    expect(hoursOf('  Mon-Fri   08:00-18:00\tUTC ').text).toBe('Mon-Fri 08:00-18:00 UTC');
  });

  it.each([
    ['', 'always, or hours such as Mon-Fri 08:00-18:00 Europe/Berlin'],
    ['never', 'always, or hours such as Mon-Fri 08:00-18:00 Europe/Berlin'],
    [24, 'always, or hours such as Mon-Fri 08:00-18:00 Europe/Berlin'],
    ['Mon-Fri 08:00-18:00', 'a time zone at the end, such as Europe/Berlin or UTC, not "08:00-18:00"'],
    ['Mon 08:00-18:00 Europe/Berln', 'a time zone at the end, such as Europe/Berlin or UTC, not "Europe/Berln"'],
    ['Mon 08:00-18:00 +02:00', 'a time zone at the end, such as Europe/Berlin or UTC, not "+02:00"'],
    ['Mon 8am to 6pm UTC', 'days and times such as Mon-Fri 08:00-18:00, not "Mon 8am to 6pm"'],
    ['08:00-18:00 UTC', 'days and times such as Mon-Fri 08:00-18:00, not "08:00-18:00"'],
    ['Mon 08:00-18:00, UTC', 'days and times such as Mon-Fri 08:00-18:00, not ""'],
    ['Mo-Fr 08:00-18:00 UTC', 'days of Mon, Tue, Wed, Thu, Fri, Sat, Sun, not "Mo"'],
    ['Mon-Die 08:00-18:00 UTC', 'days of Mon, Tue, Wed, Thu, Fri, Sat, Sun, not "Die"'],
    ['Mon 8:00-18:00 UTC', 'times from 00:00 to 24:00, not "8:00"'],
    ['Mon 08:00-18:60 UTC', 'times from 00:00 to 24:00, not "18:60"'],
    ['Mon 08:00-24:01 UTC', 'times from 00:00 to 24:00, not "24:01"'],
    ['Mon 24:00-06:00 UTC', 'a span that begins before 24:00, not "Mon 24:00-06:00"'],
    [
      'Mon 08:00-08:00 UTC',
      'a span that ends at another time than it begins, such as 00:00-24:00 for a whole day, not "Mon 08:00-08:00"',
    ],
  ])('%j are refused: expected %s', (value, expected) => {
    expect(problemsOf(value)).toEqual([expected]);
  });

  it('have at most ten spans and 256 characters', () => {
    const spans = (count: number) => `${Array.from({ length: count }, () => 'Mon-Fri 08:00-18:00').join(', ')} UTC`;
    expect(problemsOf(spans(10))).toEqual([]);
    expect(problemsOf(spans(11))).toEqual(['at most 10 spans, not 11']);
    expect(problemsOf(spans(13))).toEqual(['at most 256 characters']);
  });

  it('are refused or understood, whatever the text', () => {
    const word = fc.constantFrom('Mon', '-', ' ', '08:00', '24:00', ',', 'UTC', 'Sat-Mon', '18:00-06:00', '/', '\n');
    const text = fc.oneof(
      fc.string(),
      fc.array(word).map((words) => words.join('')),
    );
    fc.assert(
      fc.property(text, (value) => {
        const { output, success } = v.safeParse(poolHours, value);
        expect(success && hoursPerWeek(output) > 168).toBe(false);
      }),
    );
  });
});

describe('a moment is within the hours', () => {
  const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
  const zones = [
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Pacific/Chatham',
    'America/St_Johns',
    'Asia/Kathmandu',
    'UTC',
  ];
  const timeOf = (minute: number) =>
    [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');

  const span = fc
    .record({ first: fc.nat(6), last: fc.nat(6), from: fc.nat(24 * 60 - 1), to: fc.integer({ min: 0, max: 24 * 60 }) })
    .filter(({ from, to }) => from !== to);

  /** The moments around the changes of the clock are the interesting ones. */
  const changes = ['2026-03-08', '2026-03-29', '2026-04-04', '2026-09-26', '2026-10-03', '2026-10-25', '2026-11-01'];
  const instant = fc.oneof(
    fc.integer({ min: Date.parse('2024-01-01'), max: Date.parse('2030-01-01') }),
    fc
      .tuple(fc.constantFrom(...changes), fc.integer({ min: -12 * hourMs, max: 36 * hourMs }))
      .map(([day, ms]) => Date.parse(day) + ms),
  );

  /** Minutes since 1970 on the wall clock, by the offset that the zone has at that moment. */
  function wallMinutes(zone: string, ms: number): number {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    const name = format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign = '+', hours = '0', minutes = '0'] = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(name) ?? [];
    const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
    return Math.floor(ms / minuteMs) + offset;
  }

  it('if a span of that day or of the day before covers it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.array(span, { minLength: 1, maxLength: 4 }),
        instant,
        (zone, spans, ms) => {
          const texts = spans.map(
            ({ first, last, from, to }) => `${days[first]}-${days[last]} ${timeOf(from)}-${timeOf(to)}`,
          );
          const wall = wallMinutes(zone, ms);
          // The first day of 1970 was a Thursday.
          const today = (Math.floor(wall / 1440) + 3) % 7;
          const time = wall % 1440;
          const covers = ({ first, last, from, to }: (typeof spans)[number]) => {
            const has = (day: number) => (first <= last ? first <= day && day <= last : day >= first || day <= last);
            if (from < to) return has(today) && from <= time && time < to;
            return (has(today) && from <= time) || (has((today + 6) % 7) && time < to);
          };
          expect(isWithin(hoursOf(`${texts.join(', ')} ${zone}`), ms)).toBe(spans.some(covers));
        },
      ),
      { numRuns: 2000 },
    );
  });
});
