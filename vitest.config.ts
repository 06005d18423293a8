import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: 'test/support/assembly.ts',
    setupFiles: 'test/support/held-to-policies.ts',
    include: ['test/**/*.test.ts'],
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
