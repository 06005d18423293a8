import { defineConfig } from 'vitest/config';
import { suites } from './test/suites.ts';
import { LongestFirst } from './test/support/longest-first.ts';

export default defineConfig({
  test: {
    globalSetup: ['test/support/run-folder.ts', 'test/support/assembly.ts'],
    setupFiles: 'test/support/held-to-policies.ts',
    include: ['test/**/*.test.ts'],
    exclude: Object.values(suites).flat(),
    provide: { containers: 'processes', buildArguments: {} },
    sequence: { sequencer: LongestFirst },
    // A real sshd and a whole synthesized stack take longer than a unit test. No test sleeps.
    testTimeout: 200_000,
    hookTimeout: 300_000,
    // One more than the smallest machine has cores, because the end-to-end tests mostly wait for programs.
    maxWorkers: 3,
    // A worker loads each module once for all its files. No test mocks a module, and the setup file resets the only one with state.
    isolate: false,
  },
});
