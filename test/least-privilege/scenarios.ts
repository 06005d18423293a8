/** All scenarios. Together they use every grant that has no reason in unused.ts. */

import type { Deployment } from '../support/deployment.ts';
import { destroy } from '../support/destroy.ts';
import { arjen } from '../support/people.ts';
import { ghost, makeGroup, runTask, stackTag } from '../support/resources.ts';
import { minuteMs } from '../support/time.ts';
import { peopleScenarios } from './people-scenarios.ts';
import { poolScenarios } from './pool-scenarios.ts';
import type { Scenario } from './scenario.ts';
import { startTargets, webhookScenarios } from './webhook-scenarios.ts';

/** Makes a task and a security group that carry our tags, without a session. */
async function makeOrphans(bastions: Deployment): Promise<void> {
  const groupId = await makeGroup(bastions, 'bastion-lost', stackTag);
  await runTask(bastions, ghost(), stackTag, groupId);
}

export const scenarios: Readonly<Record<string, Scenario>> = {
  ...peopleScenarios,
  ...poolScenarios,
  ...webhookScenarios,
  'resources that no session explains': {
    act: async (bastions) => {
      await makeOrphans(bastions);
      await bastions.clock.advance(45 * minuteMs);
    },
  },
  'the end of the stack': {
    options: () => ({ reaps: false, delays: { deprovisioningMs: 20 * minuteMs } }),
    act: async (bastions) => {
      await bastions.call('POST /', arjen);
      await startTargets(bastions, 'last');
      await makeOrphans(bastions);
      await destroy(bastions);
    },
  },
};
