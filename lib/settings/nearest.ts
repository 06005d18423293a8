/** The name that is spelled most like the typed one, without regard to case and hyphens. */
export function nearest(typed: string, names: readonly string[]): string {
  const [first = '', ...others] = names;
  return others.reduce((best, name) => (distance(typed, name) < distance(typed, best) ? name : best), first);
}

/** Letters that must be added, removed or replaced to make one name of the other. */
function distance(one: string, other: string): number {
  const [from, to] = [plain(one), plain(other)];
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (const [column, target] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (letter === target ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[-_]/g, '');
