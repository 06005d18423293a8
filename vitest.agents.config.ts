/** `npm run test:agents`: the entrypoints of the agents' containers, with a real sshd and stand-ins for the vendors' agents. */
import { suites } from './test/suites.ts';
import config from './vitest.config.ts';

export default {
  ...config,
  test: {
    ...config.test,
    globalSetup: 'test/support/run-folder.ts',
    include: suites.agents,
    exclude: [],
    // The entrypoints look once a second, and the tests wait for them.
    maxWorkers: 6,
  },
};
