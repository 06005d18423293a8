/** `npm run test:ssh`: the command against the local run with the real ssh, and as many hosts behind a bastion as Ansible has. */
import config from './vitest.config.ts';

export default {
  ...config,
  test: {
    ...config.test,
    include: ['test/cli/local-run.test.ts'],
    provide: { containers: 'processes', buildArguments: {}, hosts: 50 },
  },
};
