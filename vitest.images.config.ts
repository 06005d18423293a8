/** `npm run test:images`: the end-to-end tests in the images that deploy, and the tests of those images. They take Docker. */
import { defineConfig } from 'vitest/config';
import { askDocker, dockerCli } from './local/fargate/docker/cli.ts';
import { suites } from './test/suites.ts';
import { LongestFirst } from './test/support/longest-first.ts';

const problem = await askDocker(dockerCli).then(
  () => undefined,
  (error: unknown) => error,
);
if (problem !== undefined && process.env.CI === 'true') throw problem;
if (problem instanceof Error) console.warn(`The image tests are skipped. ${problem.message}`);

export default defineConfig({
  test: {
    globalSetup: ['test/support/run-folder.ts', 'test/images/set-up-images.ts'],
    include: problem === undefined ? [...suites.images, 'test/e2e/*.test.ts'] : [],
    passWithNoTests: true,
    sequence: { sequencer: LongestFirst },
    testTimeout: 200_000,
    hookTimeout: 300_000,
    maxWorkers: 3,
  },
});
