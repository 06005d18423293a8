import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** These files take longest. They begin first, so that none of them runs on alone at the end. */
const longest = [
  'simulation/simulation',
  'e2e/local-run',
  'simulation/single-fault',
  'e2e/people',
  'cli/local-run',
  'e2e/bastionzero',
  'least-privilege/least-privilege',
  'lambdas/lifecycle/rates',
  'lambdas/lifecycle/drain',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = longest.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return place === -1 ? longest.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
