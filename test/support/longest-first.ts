import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** These files take longest. They begin first, so that none of them runs on alone at the end. */
const longest = [
  'e2e/local-run',
  'docs/local-blocks',
  'cli/local-run',
  'e2e/people',
  'simulation/single-fault',
  'least-privilege/least-privilege',
  'lambdas/lifecycle/rates',
  'simulation/simulation',
  'lambdas/lifecycle/drain',
  'cli/api',
  'cli/sign-in',
  'cli/sign-in-life',
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
