import { expect, it } from 'vitest';
import { addPiece, nextSeed, type Piece } from './pieces.ts';

const piece: Piece = {
  date: '2026-11-27',
  commit: 'abc1234',
  firstSeed: 1,
  lastSeed: 10,
  sessions: 200,
  faults: 3000,
  violations: 0,
};

it('A piece becomes a row above the sum, and the words around the table stay', () => {
  const first = addPiece('# Results\n\n## Other\n\n1\n', piece);
  const written = first
    .replace('## Random worlds\n', '## Random worlds\n\nBefore.\n')
    .concat('\nAfter.\n\n## Next\n\n2\n');
  const second = addPiece(written, { ...piece, firstSeed: 11, lastSeed: 15, sessions: 100, violations: 1 });
  expect(second).toBe(`# Results

## Other

1

## Random worlds

Before.

| Date | Commit | Seeds | Worlds | Sessions | Faults | Violations |
| --- | --- | --- | --- | --- | --- | --- |
| 2026-11-27 | abc1234 | 1 to 10 | 10 | 200 | 3000 | 0 |
| 2026-11-27 | abc1234 | 11 to 15 | 5 | 100 | 3000 | 1 |
| All |  |  | 15 | 300 | 6000 | 1 |

After.

## Next

2
`);
});

it('The next seed is the one behind the last that was recorded', () => {
  expect(nextSeed('# Results\n')).toBe(1);
  expect(nextSeed(addPiece('# Results\n', piece))).toBe(11);
});
