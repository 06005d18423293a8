/** Replies of an AWS that is slow. */
import { expect, it } from 'vitest';
import { deploy } from '../../support/deploy.ts';
import type { Deployment, Invocation } from '../../support/deployment.ts';
import { arjen, elsewhere } from '../../support/people.ts';
import { secondMs } from '../../support/time.ts';

it('a request that was overtaken late is told to try again, because AWS might take the rest of its time to open a group', async () => {
  let slowInvocation: Invocation | undefined;
  const bastions: Deployment = await deploy({
    onCall: async (call, proceed, invocation) => {
      const isClaim = call.action === 'PutItem' && JSON.stringify(call.input).includes('"claim#');
      if (isClaim && slowInvocation === undefined) {
        slowInvocation = invocation;
        overtaking = bastions.send('POST /', { ...arjen, from: elsewhere });
        await bastions.clock.sleep(12 * secondMs);
      } else if (call.service === 'ec2' && invocation === slowInvocation) await bastions.clock.sleep(6 * secondMs);
      return proceed();
    },
  });
  let overtaking: ReturnType<Deployment['send']> | undefined;
  expect(await bastions.call('POST /', arjen)).toMatchObject({
    status: 409,
    json: { ErrorMessage: 'Another request for arjen was faster, and AWS is slow. Try again.' },
  });
  expect(await bastions.clock.run(overtaking ?? Promise.reject(new Error('No request overtook.')))).toMatchObject({
    status: 200,
  });
  const [row] = await bastions.rows();
  expect(row).toMatchObject({ state: 'running', allowedCidrs: [`${elsewhere}/32`] });
});
