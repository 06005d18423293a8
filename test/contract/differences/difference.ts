/** A difference between moto and AWS. `npm run test:moto` proves the part about moto. */
export interface Difference {
  /** The answer of moto, reduced as the check reduces it. */
  readonly moto: unknown;
  /** The rule of AWS that decides. */
  readonly fact: string;
  /** The page of AWS that states it. */
  readonly source: `https://docs.aws.amazon.com/${string}`;
}

/** The differences by operation and rule, as the checks are named. */
export type Differences = Readonly<Record<string, Readonly<Record<string, Difference>>>>;
