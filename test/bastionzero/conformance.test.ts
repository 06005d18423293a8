import { describe, expect, it } from 'vitest';
import { activations } from '../support/activations.ts';
import { deploy } from '../support/deploy.ts';
import { noCapacity } from '../support/interceptors.ts';
import { reapHourly } from '../support/reap.ts';
import { dayMs, secondMs } from '../support/time.ts';
import { status, Target } from './bastionzero.ts';
import { type Scheme, sideOf } from './side.ts';

const schemes: Scheme[] = ['basic', 'hmac'];
const cases = schemes.flatMap((scheme) =>
  activations(scheme).map((activation) => ({ scheme, dialect: activation.dialect, activation })),
);
const withHmac = { environment: { WEBHOOK_HMAC: 'true' } };

describe.each(cases)('BastionZero, $dialect with $scheme', ({ scheme, activation }) => {
  it('starts a target for the first connection, uses it for the next, and stops it after the last', async () => {
    const bastions = await deploy(withHmac);
    const target = new Target(await sideOf(bastions, scheme), activation.body);
    await target.connect();
    expect(target.state).toBe('Started');
    await target.connect();
    expect(bastions.containers.running()).toHaveLength(1);
    expect(bastions.containers.running()[0]?.name).toBe(activation.kind);
    const taskId = bastions.containers.running()[0]?.taskId ?? '';
    expect(bastions.containers.received(taskId)).toEqual(activation.variables);

    await target.disconnect();
    expect(target.state).toBe('Started');
    await target.disconnect();
    expect(target.state).toBe('Stopped');
    await bastions.clock.advance(10 * secondMs);
    expect(await bastions.leftovers()).toEqual([]);
  });

  it('gets the same target for the same activation, and may stop it twice and late', async () => {
    const bastions = await deploy({ ...withHmac, reaps: false }); // the test below lets the reaper pass for a week
    const side = await sideOf(bastions, scheme);
    const target = new Target(side, activation.body);
    await target.start();
    const { id } = target;
    await bastions.clock.advance(1000); // a signature is valid once, and differs each second
    await target.start();
    expect(target.id).toBe(id);
    await target.stop();
    await bastions.clock.advance(10 * secondMs);
    await target.stop();
    expect(target.state).toBe('Stopped');
    await bastions.clock.advance(7 * dayMs);
    await target.stop();
    expect(target.state).toBe('Stopped');
  });

  it('shows its user a sentence if the target can not be started', async () => {
    const bastions = await deploy({
      ...withHmac,
      onCall: noCapacity,
    });
    const target = new Target(await sideOf(bastions, scheme), activation.body);
    await expect(target.connect()).rejects.toThrow(
      /^Failed to start dynamic access target: AWS could not run the task/,
    );
    expect(target.state).toBe('StartError');
    expect(await bastions.leftovers()).toEqual([]);
  });

  it('gives up after five minutes if the agent does not register, and the session removes itself', async () => {
    const bastions = await deploy(withHmac);
    bastions.containers.failAgents(() => ({ code: 3, afterMs: 0 }));
    const target = new Target(await sideOf(bastions, scheme), activation.body);
    await expect(target.connect()).rejects.toThrow(/Timed out/);
    expect(await bastions.leftovers()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([
      { state: 'stopped', reason: 'exited', detail: expect.stringMatching(`${activation.kind} exited with code 3`) },
    ]);
  });
});

describe('the status light', () => {
  it('is on while the server works', async () => {
    const bastions = await deploy();
    expect(await status(await sideOf(bastions, 'basic'))).toBe('Online');
  });

  it('is off if the server can not start targets', async () => {
    const bastions = await deploy({
      onCall: async (call, proceed) => (call.action === 'DescribeClusters' ? { clusters: [] } : proceed()),
    });
    expect(await status(await sideOf(bastions, 'basic'))).toBe('Offline');
  });
});

it('a target without a stop is removed after seven days', async () => {
  const bastions = await deploy({ reaps: false });
  const [activation] = activations('forgotten');
  const target = new Target(await sideOf(bastions, 'basic'), activation?.body ?? {});
  await target.start();
  await reapHourly(bastions, 7 * 24 - 1);
  expect(await bastions.leftovers()).toHaveLength(3);
  await reapHourly(bastions, 2);
  expect(await bastions.leftovers()).toEqual([]);
});
