/** `npm run test:local`: local runs with the real curl, ssh and sshd, the command against them, and the commands of all pages in every shell. */
import { suites } from './test/suites.ts';
import config from './vitest.config.ts';

export default {
  ...config,
  test: {
    ...config.test,
    include: suites.local,
    exclude: [],
    // Fifty hosts at once and bastions that end in 20 seconds leave no room for a third run on the smallest machine.
    maxWorkers: 2,
  },
};
