/** `npm run test:package`: the published package, packed and installed into empty folders. It takes npm, and no network. */
import { defineConfig } from 'vitest/config';
import { suites } from './test/suites.ts';

export default defineConfig({
  test: {
    globalSetup: 'test/package/set-up-package.ts',
    include: suites.package,
    testTimeout: 200_000,
    hookTimeout: 300_000,
  },
});
