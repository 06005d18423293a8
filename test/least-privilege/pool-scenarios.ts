/** Scenarios of bastions that wait for an owner. */
import type { Deployment, DeploymentOptions } from '../support/deployment.ts';
import { putsHandoff } from '../support/handoffs.ts';
import { failing, lost, noCapacity, once, unanswered } from '../support/interceptors.ts';
import { arjen, elsewhere } from '../support/people.ts';
import { hourMs, minuteMs } from '../support/time.ts';
import type { Scenario } from './scenario.ts';

const pooled = (options: DeploymentOptions = {}): DeploymentOptions => ({
  ...options,
  environment: { POOL_SIZE: '2', ...options.environment },
});

const fill = (bastions: Deployment) => bastions.clock.advance(2 * minuteMs);

const atOnce = { provisioningMs: 0, pendingMs: 0, pullingMs: 0, reportingMs: 0, deprovisioningMs: 0 };

export const poolScenarios: Readonly<Record<string, Scenario>> = {
  'a bastion that is taken, and the one that follows it': {
    options: pooled,
    act: async (bastions) => {
      await fill(bastions);
      await bastions.call('POST /', arjen);
      await bastions.call('POST /', { ...arjen, from: elsewhere });
      await fill(bastions);
      await bastions.call('GET /sessions', { query: { state: 'pooled' } });
      await bastions.call('DELETE /', arjen);
      await fill(bastions);
    },
  },
  'two takings of one person at once': {
    options: pooled,
    act: async (bastions) => {
      await fill(bastions);
      await bastions.clock.run(Promise.all([bastions.send('POST /', arjen), bastions.send('POST /', arjen)]));
      await fill(bastions);
    },
  },
  'a pool whose hours end': {
    options: () => pooled({ environment: { POOL_HOURS: 'Thu 00:00-00:10 UTC' } }), // 2026-01-01 is a Thursday
    act: (bastions) => bastions.clock.advance(hourMs / 2),
  },
  'a pool without capacity': {
    options: () => pooled({ onCall: noCapacity }),
    act: fill,
  },
  'a pool without places': {
    options: () => pooled({ environment: { MAX_SESSIONS: '1' } }),
    act: fill,
  },
  'a pooled bastion whose task was not answered': {
    options: () => pooled({ onCall: once('RunTask', lost) }),
    act: fill,
  },
  'a pooled bastion whose task can not be handed anything': {
    options: () =>
      pooled({
        onCall: failing(putsHandoff),
      }),
    act: fill,
  },
  'a pooled bastion that has ended before RunTask is answered': {
    options: () => pooled({ delays: atOnce, onCall: once('RunTask', lost) }),
    act: async (bastions) => {
      bastions.containers.exitAtStart('ssh', 70);
      await fill(bastions);
    },
  },
  'a refill that dies while it waits': {
    options: () => pooled({ onCall: once('DescribeTasks', unanswered) }),
    act: async (bastions) => {
      await bastions.clock.advance(10 * minuteMs);
    },
  },
};
