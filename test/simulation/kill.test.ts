import { expect, it } from 'vitest';
import { deploy } from '../support/deploy.ts';
import { arjen } from '../support/people.ts';

it('a killed function gives no answer, although its wait for a bastion would end by a timer', async () => {
  const bastions = await deploy({
    onCall: (call, proceed, invocation) => {
      if (invocation?.title !== 'Start' || call.action !== 'DescribeTasks') return proceed();
      invocation.isDead = true;
      return new Promise(() => {});
    },
  });
  const answer = bastions.send('POST /', arjen).then(
    ({ status }) => `answered with ${status}`,
    (error: unknown) => String(error),
  );
  expect(await bastions.clock.run(answer)).toMatch(/Sandbox\.Timedout/);
});
