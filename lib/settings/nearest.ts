import { distance } from 'fastest-levenshtein';

/** The name that is spelled most like the typed one, without regard to case and hyphens. */
export function nearest(typed: string, names: readonly string[]): string {
  const [first = '', ...others] = names;
  const distanceTo = (name: string) => distance(plain(typed), plain(name));
  return others.reduce((best, name) => (distanceTo(name) < distanceTo(best) ? name : best), first);
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[-_]/g, '');
