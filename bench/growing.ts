/** Finds the figures that must stay flat, and grow. */

/** A figure at several sizes of something, smallest first. */
export interface Series {
  /** The actor and the verb: `A start reads`. */
  readonly says: string;
  /** The unit of the values: `read units`. */
  readonly unit: string;
  readonly points: readonly { readonly at: string; readonly value: number }[];
}

/** A figure that must stay flat may grow by this factor. */
export const mostGrowth = 1.5;

/** Returns a sentence for each series whose largest value is more than `mostGrowth` times its first. */
export function growing(all: readonly Series[]): string[] {
  return all.flatMap(({ says, unit, points }) => {
    const [first] = points;
    if (first === undefined) throw new Error(`${says}: got no figure, expected at least one.`);
    const largest = points.reduce((one, other) => (other.value > one.value ? other : one));
    if (largest.value <= first.value * mostGrowth) return [];
    return `${says} ${shown(first.value)} ${unit} at ${first.at} and ${shown(largest.value)} at ${largest.at}.`;
  });
}

/** Returns the number with at most one digit after the point. */
export const shown = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 1 });
