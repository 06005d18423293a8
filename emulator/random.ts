/** Uniform in [0, 1). Injected, so that one seed gives one history. */
export type Random = () => number;

/** Mulberry32: small, fast, and good enough to draw ids and faults from. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const hexDigits = '0123456789abcdef';

export function hex(random: Random, digits: number): string {
  let text = '';
  while (text.length < digits) text += hexDigits.charAt(Math.floor(random() * 16));
  return text;
}

export function uuid(random: Random): string {
  return [8, 4, 4, 4, 12].map((digits) => hex(random, digits)).join('-');
}
