/** Returns a number in [0, 1). A seeded one gives the same history each time. */
export type Random = () => number;

/** Makes the generator Mulberry32: small, fast, and good enough for ids and faults. */
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

/** Generates so many hexadecimal digits. */
export function hex(random: Random, digits: number): string {
  let text = '';
  while (text.length < digits) text += hexDigits.charAt(Math.floor(random() * 16));
  return text;
}

/** Generates 32 hexadecimal digits in the form of a UUID. */
export function uuid(random: Random): string {
  return [8, 4, 4, 4, 12].map((digits) => hex(random, digits)).join('-');
}
