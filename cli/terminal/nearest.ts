import { distance } from 'fastest-levenshtein';

/** The name that is spelled most like the typed one. */
export const nearest = (typed: string, names: readonly string[]): string =>
  [...names].sort((one, other) => distance(typed, one) - distance(typed, other))[0] ?? '';
