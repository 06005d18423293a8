/** Where moto does something else than AWS. That what is said of moto is so, `npm run test:moto` proves. */
export interface Difference {
  /** What moto answers, reduced as the check reduces it. */
  readonly moto: unknown;
  /** Why AWS is in the right. */
  readonly fact: string;
  /** Where AWS says so. */
  readonly source: `https://docs.aws.amazon.com/${string}`;
}

/** By operation and rule, as the checks are named. */
export type Differences = Readonly<Record<string, Readonly<Record<string, Difference>>>>;
