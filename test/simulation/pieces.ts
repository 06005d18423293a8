/** The table of random worlds in RESULTS.md. A long run adds a row for each piece, so that it can go on where it stopped. */
import { table } from './results.ts';

/** Simulated worlds of successive seeds. */
export interface Piece {
  /** `2026-11-27` */
  readonly date: string;
  readonly commit: string;
  readonly firstSeed: number;
  readonly lastSeed: number;
  readonly sessions: number;
  readonly faults: number;
  readonly violations: number;
}

/** The sessions after which a piece is recorded. */
export const pieceSessions = 20_000;

const heading = '## Random worlds\n';
const headings = ['Date', 'Commit', 'Seeds', 'Worlds', 'Sessions', 'Faults', 'Violations'];
const row = /^\| (\S+) \| (\S+) \| (\d+) to (\d+) \| \d+ \| (\d+) \| (\d+) \| (\d+) \|$/gm;

/** Adds a row, and sums all rows up. What people have written around the table stays. */
export function addPiece(text: string, piece: Piece): string {
  const pieces = [...piecesIn(text), piece];
  const sum = (count: (one: Piece) => number) => pieces.reduce((total, one) => total + count(one), 0);
  const lines = table(headings, [
    ...pieces.map((one) => [
      one.date,
      one.commit,
      `${one.firstSeed} to ${one.lastSeed}`,
      worldsOf(one),
      one.sessions,
      one.faults,
      one.violations,
    ]),
    ['All', '', '', sum(worldsOf), sum((one) => one.sessions), sum((one) => one.faults), sum((one) => one.violations)],
  ]).join('\n');
  const [before, section, after] = split(text);
  const withTable = /^\|.*\|$(\n^\|.*\|$)*/m.test(section)
    ? section.replace(/^\|.*\|$(\n^\|.*\|$)*/m, () => lines)
    : `${section.trimEnd()}\n\n${lines}\n`;
  return before + withTable + after;
}

/** The seed behind the last one that was recorded, 1 if none was. */
export const nextSeed = (text: string): number => Math.max(0, ...piecesIn(text).map(({ lastSeed }) => lastSeed)) + 1;

const worldsOf = ({ firstSeed, lastSeed }: Piece): number => lastSeed - firstSeed + 1;

function piecesIn(text: string): readonly Piece[] {
  return [...split(text)[1].matchAll(row)].map(([, date = '', commit = '', ...numbers]) => {
    const [firstSeed = 0, lastSeed = 0, sessions = 0, faults = 0, violations = 0] = numbers.map(Number);
    return { date, commit, firstSeed, lastSeed, sessions, faults, violations };
  });
}

/** The text before the section, the section, and the text behind it. */
function split(text: string): readonly [string, string, string] {
  const from = text.indexOf(heading);
  if (from === -1) return [`${text.trimEnd()}\n\n`, heading, ''];
  const next = text.indexOf('\n## ', from + heading.length);
  const to = next === -1 ? text.length : next + 1;
  return [text.slice(0, from), text.slice(from, to), text.slice(to)];
}
