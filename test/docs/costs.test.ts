/** Holds the tables of docs/costs.md to their sums and to the prices. */
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { hoursPerWeek, poolHours } from '../../contracts/pool-hours.ts';
import { poolPricePerMonth } from '../../contracts/prices.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { textOf } from './documents.ts';

const [, section = ''] = /^## The pool\n([^#]*)/m.exec(await textOf('docs/costs.md')) ?? [];
const rows = section
  .split('\n')
  .filter((line) => line.startsWith('| `') && /\d \|$/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, hours = '', ...figures]) => ({ hours: hours.replaceAll('`', ''), figures: figures.slice(0, 3) }));

/** Dollars per million strongly consistent reads of at most 4 KB in us-east-1. The agent reads once a second. */
const perMillionReads = 0.125;

describe('the pool in docs/costs.md', () => {
  it('has its price always and in office hours', () => {
    expect(rows.map(({ hours }) => hours)).toEqual(['always', 'Mon-Fri 08:00-18:00 Europe/Berlin']);
  });

  it.each(rows)('has the figures of us-east-1 for $hours', ({ hours: text, figures }) => {
    const weekly = hoursPerWeek(v.parse(poolHours, text));
    const { cpu, memoryMiB } = readSettings({});
    const price = poolPricePerMonth('us-east-1', { size: 1, hoursPerWeek: weekly, task: { cpu, memoryMiB } });
    const monthlyHours = (weekly * 365.25) / 7 / 12;
    const reads = (monthlyHours * 3600 * perMillionReads) / 1_000_000;
    expect(figures).toEqual([String(weekly), price?.toFixed(2), reads.toFixed(2)]);
  });

  it('adds a hundredth of that to each of 100 starts', () => {
    const [always, office] = rows.map(({ figures }) => ((Number(figures[1]) + Number(figures[2])) / 100).toFixed(2));
    expect(section.replaceAll(/\s+/g, ' ')).toContain(
      `adds ${office} to each start, and one that always waits ${always}.`,
    );
  });
});

describe('the idle stack in docs/costs.md', () => {
  const text = textOf('docs/costs.md');

  /** Dollars in the last cell of the row that begins so. */
  const dollarsOf = async (item: string) => {
    const row = (await text).split('\n').find((line) => line.startsWith(`| ${item}`)) ?? '';
    return row.split('|').at(-2)?.replaceAll('*', '').trim() ?? '';
  };
  const sumOf = async (items: readonly string[]) =>
    (await Promise.all(items.map(dollarsOf))).reduce((sum, dollars) => sum + Number(dollars), 0).toFixed(2);

  const always = ['Reaper', 'Sweeper', 'Schedules', 'Alarms', 'Logs'];

  it('costs what its items cost, without and with webhooks', async () => {
    const [without, withWebhooks] = [await sumOf(always), await sumOf([...always, 'Images', 'Secret'])];
    expect(await dollarsOf('**Idle, per month**')).toBe(`${without} to ${withWebhooks}`);
  });

  it('has the images at their size times the price of a GB', async () => {
    const [, gb = '', perGb = ''] = /^\| Images.*\| ([\d.]+) GB × ([\d.]+),/m.exec(await text) ?? [];
    expect(await dollarsOf('Images')).toBe((Number(gb) * Number(perGb)).toFixed(2));
    const yearly = (12 * Number(await dollarsOf('Images'))).toFixed(2);
    expect((await text).replaceAll(/\s+/g, ' ')).toContain(`12 × ${await dollarsOf('Images')} = ${yearly} a month`);
  });
});
