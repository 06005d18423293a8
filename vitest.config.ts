import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** These take minutes, some of them waiting. Begun last, as their size has them on a fresh clone, one would run on alone. */
const longest = ['simulation/simulation', 'e2e/local-run', 'simulation/single-fault', 'e2e/people', 'e2e/bastionzero'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = longest.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return place === -1 ? longest.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    globalSetup: ['test/support/run-folder.ts', 'test/support/assembly.ts'],
    setupFiles: 'test/support/held-to-policies.ts',
    include: ['test/**/*.test.ts'],
    sequence: { sequencer: LongestFirst },
    // Real sshd and a whole synthesized stack take longer than a unit test; nothing here waits by sleeping.
    testTimeout: 200_000,
    hookTimeout: 300_000,
    // The end-to-end tests mostly wait for real time to pass: one more worker than the smallest machine has cores.
    maxWorkers: 3,
    // No test mocks a module or leaves anything behind in one but the recorder, which the setup file takes away: so a worker need
    // not load them anew for every file.
    isolate: false,
  },
});
