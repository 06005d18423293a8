/** Computes medians and percentiles, and writes text in columns. */

/** Returns the median of at least one value. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new Error('Got no value, expected at least one for a median.');
  return (lower + upper) / 2;
}

/** Returns the least value that so many per cent of at least one value do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const value = values.toSorted((a, b) => a - b)[Math.ceil((values.length * percent) / 100) - 1];
  if (value === undefined) throw new Error('Got no value, expected at least one for a percentile.');
  return value;
}

/** Returns the number as text without decimals. */
export const whole = (value: number): string => value.toFixed(0);

/** Returns the rows as text. The first column is aligned left, and the others right. */
export function columns(rows: readonly (readonly string[])[]): string {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows
    .map((row) => row.map((cell, at) => (at === 0 ? cell.padEnd(width(0)) : cell.padStart(width(at) + 3))).join(''))
    .map((line) => `  ${line.trimEnd()}\n`)
    .join('');
}
