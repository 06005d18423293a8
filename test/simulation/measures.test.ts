import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { applyEdit, applyEdits } from './measure.ts';
import { measures } from './measures.ts';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

describe('a safety measure', () => {
  it.each(measures)('can be taken away: $name', (measure) => {
    const changed = applyEdits(measure, read);
    expect(changed.size).toBeGreaterThan(0);
    for (const [file, text] of changed) expect(text, file).not.toBe(read(file));
  });

  it('has a name of its own', () => {
    expect(new Set(measures.map(({ name }) => name)).size).toBe(measures.length);
  });
});

describe('an edit', () => {
  const edit = { file: 'a.ts', find: 'one', replace: 'two' };

  it.each([
    ['twice', 'one one'],
    ['nowhere', 'three'],
  ])('is refused if the file holds its text %s', (_, source) => {
    expect(() => applyEdit(source, edit)).toThrow(/in a\.ts, expected it once/);
  });
});
