import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { webhookAgents } from '../../../contracts/agent.ts';
import { listPrices } from '../../../contracts/prices.ts';
import { costOf } from '../../../lambdas/core/session/cost.ts';
import { type Agent, markStopped, markStopping, newSession } from '../../../lambdas/core/session/session.ts';
import { hourMs, minuteMs, secondMs } from '../../support/time.ts';

const t0 = 1_000_000;

const agentOf = (kind: Agent['kind']): Agent =>
  kind === 'ssh'
    ? { kind, publicKey: 'ssh-ed25519 AAAA', port: 22, keyFingerprint: 'SHA256:AAAA', hostKeys: [] }
    : { kind, idName: 'containerId' };

const sessionOf = (kind: Agent['kind']) =>
  newSession(
    {
      sessionId: 's-1',
      owner: 'ann',
      claim: 'user#ann',
      agent: agentOf(kind),
      allowedCidrs: [],
      ttlSeconds: 3600,
      maxLifetimeSeconds: 7200,
    },
    t0,
  );

const bastion = sessionOf('ssh');
const small = { cpu: 256, memoryMiB: 512 };
const virginia = { region: 'us-east-1', size: small };

describe('the cost per hour', () => {
  it.each([
    // 0.25 × 0.03238 + 0.5 × 0.00356 + 0.005
    ['us-east-1', 'ssh', 256, 512, 0.0149],
    ['us-east-1', 'ssm', 256, 512, 0.0149],
    // 0.25 × 0.04048 + 0.5 × 0.004445 + 0.005
    ['us-east-1', 'bzero-ssm', 256, 512, 0.0173],
    ['us-east-1', 'bzero', 256, 512, 0.0173],
    // 1 × 0.03238 + 2 × 0.00356 + 0.005
    ['us-east-1', 'ssh', 1024, 2048, 0.0445],
    // 16 × 0.03238 + 120 × 0.00356 + 0.005
    ['us-east-1', 'ssh', 16_384, 122_880, 0.9503],
    // 0.25 × 0.03725 + 0.5 × 0.00409 + 0.005
    ['eu-central-1', 'ssh', 256, 512, 0.0164],
    // 0.25 × 0.04656 + 1 × 0.00511 + 0.005
    ['eu-central-1', 'bzero', 256, 1024, 0.0218],
  ] as const)('in %s of a task for %s with %i CPU units and %i MiB is %d', (region, kind, cpu, memoryMiB, perHour) => {
    expect(costOf(sessionOf(kind), { region, size: { cpu, memoryMiB } }, t0)).toMatchObject({
      perHour,
      currency: 'USD',
    });
  });

  it.each([['mars-north-1'], ['us-gov-west-1'], [''], ['constructor'], [undefined]])(
    'is unknown in the region %s',
    (region) => {
      expect(costOf(bastion, { region, size: small }, t0)).toBeUndefined();
    },
  );
});

describe('the cost so far', () => {
  const soFar = (afterMs: number, session = bastion) => costOf(session, virginia, t0 + afterMs)?.soFar;

  it.each([
    ['a minute’s at the moment of the creation', 0, 0.0002],
    ['a minute’s before the creation, by a clock that is behind', -hourMs, 0.0002],
    ['a minute’s at the end of the first minute', minuteMs, 0.0002],
    ['more one millisecond later, because a second counts once it has begun', minuteMs + 1, 0.0003],
    ['that of 290 s after 290 s', 290 * secondMs, 0.0012],
    ['that of an hour after an hour', hourMs, 0.0149],
    ['that of a week after a week', 7 * 24 * hourMs, 2.499],
  ])('is %s', (_, afterMs, dollars) => {
    expect(soFar(afterMs)).toBe(dollars);
  });

  it('stays once the session has ended', () => {
    const stopping = markStopping(bastion, 'stopped', t0 + hourMs);
    expect(soFar(9 * hourMs, stopping)).toBe(0.0149);
    expect(soFar(9 * hourMs, markStopped(stopping))).toBe(0.0149);
  });

  it('of a start that failed is a minute’s', () => {
    expect(soFar(9 * hourMs, markStopping(bastion, 'start-failed', t0 + 2 * secondMs))).toBe(0.0002);
  });

  it('never falls, is never below a minute’s, and grows with the time by the price per hour', () => {
    const region = fc.constantFrom(...listPrices.keys());
    const kind = fc.constantFrom<Agent['kind']>('ssh', ...webhookAgents);
    const size = fc.record({
      cpu: fc.constantFrom(256, 512, 4096, 16_384),
      memoryMiB: fc.integer({ min: 512, max: 122_880 }),
    });
    const timeMs = fc.integer({ min: -hourMs, max: 30 * 24 * hourMs });
    fc.assert(
      fc.property(region, kind, size, timeMs, fc.nat(24 * hourMs), (name, agent, taskSize, afterMs, laterMs) => {
        const costAt = (ms: number) => {
          const cost = costOf(sessionOf(agent), { region: name, size: taskSize }, t0 + ms);
          if (cost === undefined) throw new Error(`No cost in ${name}.`);
          return cost;
        };
        const [now, later] = [costAt(afterMs), costAt(afterMs + laterMs)];
        expect(later.perHour).toBe(now.perHour);
        expect(later.soFar).toBeGreaterThanOrEqual(now.soFar);
        expect(now.soFar).toBeGreaterThanOrEqual(costAt(0).soFar);
        expect(costAt(0).soFar).toBeGreaterThan(0);
        const hours = Math.max(afterMs, minuteMs) / hourMs;
        // Both figures are rounded to 0.0001, and the time to a second.
        expect(Math.abs(now.soFar - hours * now.perHour)).toBeLessThan(0.0001 + hours * 0.00005 + now.perHour / 3600);
      }),
    );
  });
});
