/** The actors of a world: people and a zero-trust service, each acting at random. */
import { createHash } from 'node:crypto';
import { idleExitCode } from '../../contracts/agent.ts';
import { hmacHeaders } from '../support/activations.ts';
import type { Deployment, Request } from '../support/deployment.ts';
import { asJson, publicKey } from '../support/people.ts';
import { minuteMs, secondMs } from '../support/time.ts';
import type { Dice } from './dice.ts';
import type { Oracle } from './oracle.ts';

/** The exit codes with which actors end containers: well, badly, idle and killed. */
const endCodes = [0, 1, idleExitCode, 137];

export interface Stage {
  readonly bastions: Deployment;
  readonly dice: Dice;
  readonly oracle: Oracle;
  /** Epoch milliseconds from which on no actor begins anything. */
  readonly until: number;
  /** The webhooks' shared secret. */
  readonly secret: string;
}

/** One person with two devices, three addresses and one key (rarely another). The third person has IPv6 addresses. */
export async function person({ bastions, dice, oracle, until }: Stage, name: string, n: number): Promise<void> {
  const places = [1, 2, 3].map((place) => (n === 3 ? `2001:db8:3::${place}` : `198.51.${n}.${place}`));
  const by = `arn:aws:sts::123456789012:assumed-role/Team/${name}`;
  const claim = `user#${name}`;
  const ask = (route: string, request: Request = {}) => oracle.ask(claim, route, { by, accept: asJson, ...request });
  const post = (from: string, more: Record<string, string> = {}, body = publicKey(n)) =>
    ask('POST /', { query: more, body, from });

  const soon = () => bastions.clock.sleep(dice.between(0, 3000));

  const habits: readonly Habit[] = [
    [30, () => post(dice.pick(places))],
    [10, () => post(dice.pick(places), { ttl: dice.pick(['1m', '3m', '10m', '1h']) })],
    [6, () => post(dice.pick(places), { wait: dice.pick(['0', '5']) })],
    [12, () => Promise.all([post(dice.pick(places)), post(dice.pick(places))])],
    [3, () => post(dice.pick(places), {}, publicKey(200))],
    [22, () => ask('DELETE /')],
    [6, () => Promise.all([post(dice.pick(places)), soon().then(() => ask('DELETE /'))])],
    [5, () => Promise.all([ask('DELETE /'), post(dice.pick(places))])],
    [12, () => ask('GET /')],
    [4, () => ask('GET /', { query: { wait: dice.pick(['5', '28']) } })],
    [10, async () => oracle.endContainerOf(claim, dice.pick(endCodes))],
  ];
  await actAtRandom({ bastions, dice, until }, habits);
}

/** The claim of a target. It is computed here once more, so that the judge does not depend on the code under test. */
export function activationClaim(activation: {
  readonly activationId: string;
  readonly activationCode: string;
}): string {
  const { activationId, activationCode } = activation;
  const hash = createHash('sha256').update(JSON.stringify([activationId, activationCode]));
  return `activation#${hash.digest('hex')}`;
}

/**
 * BastionZero. It starts one target after the other and stops each in time, late, twice or never. It sends the secret or signs, and
 * somebody who listens sends a signed request once more.
 */
export async function service({ bastions, dice, oracle, until, secret }: Stage, n: number): Promise<void> {
  const sign = (action: 'start' | 'stop', body: string): Request => ({
    headers: dice.chance(0.5)
      ? { authorization: `Basic ${secret}` }
      : hmacHeaders(secret, action, body, Math.floor(bastions.clock.now() / secondMs)),
    body,
  });
  for (let round = 0; bastions.clock.now() < until; round++) {
    const [id, code] = [`aid-${n}-${round}`, `code-${n}-${round}`];
    const activation = { activationId: id, activationRegion: 'us-east-1', activationCode: code };
    const claim = activationClaim(activation);
    const request = sign('start', JSON.stringify(activation));
    const start = () => oracle.ask(claim, 'POST /start', request);
    const replies = await Promise.all(dice.chance(0.3) ? [start(), start()] : [start()]);
    if (dice.chance(0.1)) await start();
    await bastions.clock.sleep(dice.between(0, 10 * minuteMs));
    const isLeftAlone = dice.chance(0.1);
    if (isLeftAlone || dice.chance(0.1)) oracle.endContainerOf(claim, 1);
    const targetId = replies.map((reply) => reply?.json?.containerId).find((id) => id !== undefined);
    const stops = targetId === undefined || isLeftAlone ? 0 : dice.pick([0, 1, 1, 1, 2]);
    const body = JSON.stringify({ [dice.pick(['containerId', 'uniqueId'])]: targetId });
    for (let stop = 0; stop < stops; stop++) await oracle.ask(claim, 'POST /stop', sign('stop', body));
    await bastions.clock.sleep(dice.between(0, 5 * minuteMs));
  }
}

/** Ends the container of a bastion that waits, now and then. */
export async function poolKiller({ bastions, dice, oracle, until }: Stage): Promise<void> {
  while (bastions.clock.now() < until) {
    await bastions.clock.sleep(dice.between(0, 12 * minuteMs));
    oracle.endContainerOf('pool', dice.pick(endCodes));
  }
}

type Habit = readonly [weight: number, act: () => Promise<unknown>];

/** Acts by one habit after the other, each drawn by its weight, with pauses of up to 6 and sometimes 20 minutes. */
async function actAtRandom(
  { bastions, dice, until }: Pick<Stage, 'bastions' | 'dice' | 'until'>,
  habits: readonly Habit[],
): Promise<void> {
  const weighted = habits.flatMap(([weight, act]) => Array.from({ length: weight }, () => act));
  while (bastions.clock.now() < until) {
    await bastions.clock.sleep(dice.between(0, (dice.chance(0.1) ? 20 : 6) * minuteMs));
    await dice.pick(weighted)();
  }
}
