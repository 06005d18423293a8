/** The absence of a handoff item says that the agent is up. So nothing but its agent may give that sign. */
import { describe, expect, it } from 'vitest';
import { handoffKeptMs, readyWithinMs } from '../../../lambdas/core/session/session.ts';
import { deploy } from '../../support/deploy.ts';
import { deleteHandoff, handoffItems } from '../../support/handoffs.ts';
import { arjen } from '../../support/people.ts';
import { minuteMs, secondMs } from '../../support/time.ts';

/** A bastion whose image takes longer than a start may. Its item waits for the agent. */
async function slowBastion(skewMs: (title: string) => number = () => 0) {
  const bastions = await deploy({ reaps: false, delays: { pullingMs: 25 * minuteMs }, skewMs });
  const beganAt = bastions.clock.now();
  const { status } = await bastions.call('POST /', arjen);
  expect(status).toBe(202);
  const [item] = await handoffItems(bastions);
  if (item === undefined) throw new Error('Got no handoff item, expected one.');
  const advanceTo = (ms: number) => bastions.clock.advance(beganAt + ms - bastions.clock.now());
  /** Deletes the item at this moment, while requests wait. */
  const deleteAt = (epochMs: number) =>
    bastions.clock.after(epochMs - bastions.clock.now(), () => void deleteHandoff(bastions, item));
  return { bastions, item, advanceTo, deleteAt };
}

const wait = { ...arjen, query: { ...arjen.query, wait: '28' } };

/** How far ahead the clocks of the functions are. */
const clocks = [
  { start: 0, sessions: 0 },
  { start: secondMs, sessions: -secondMs },
  { start: -secondMs, sessions: secondMs },
];

describe('an item that DynamoDB deletes because its time is over', () => {
  it.each(clocks)('is never taken for a bastion that is up, with clocks ahead by %o', async ({ start, sessions }) => {
    const { bastions, item, advanceTo, deleteAt } = await slowBastion((title) =>
      title === 'Start' ? start : sessions,
    );
    deleteAt(item.purgeAt * secondMs);
    await advanceTo(readyWithinMs - 10 * secondMs);
    const { clock, send } = bastions;
    const replies = await clock.run(Promise.all([send('POST /', arjen), send('GET /', wait)]));
    expect(replies.map(({ json }) => json.state)).toEqual(['starting', 'starting']);
    expect(replies.map(({ status }) => status)).toEqual([202, 200]);
    await bastions.invoke('Reaper');
    expect(await bastions.rows()).toMatchObject([
      { state: 'stopping', reason: 'start-failed', detail: 'The bastion was not up 15 minutes after its start.' },
    ]);
    await advanceTo(handoffKeptMs + minuteMs);
    expect(await handoffItems(bastions)).toEqual([]);
    expect(await bastions.leftovers()).toEqual([]);
  });

  it('is kept for minutes longer than its absence counts', async () => {
    const { bastions, item } = await slowBastion();
    const [row] = await bastions.rows();
    expect(item.purgeAt * secondMs).toBeGreaterThanOrEqual((row?.createdAt ?? 0) + readyWithinMs + 2 * minuteMs);
  });
});

describe('an item that is absent once the time for a start is over', () => {
  it.each(clocks)('does not make the bastion ready, with clocks ahead by %o', async ({ start, sessions }) => {
    const { bastions, advanceTo, deleteAt } = await slowBastion((title) => (title === 'Start' ? start : sessions));
    await advanceTo(readyWithinMs - 10 * secondMs);
    deleteAt(bastions.clock.now() + 13 * secondMs);
    const { clock, send } = bastions;
    const replies = await clock.run(Promise.all([send('POST /', arjen), send('GET /', wait)]));
    expect(replies.map(({ json }) => json.state)).toEqual(['starting', 'starting']);
    expect(await bastions.rows()).not.toMatchObject([{ readyAt: expect.any(Number) }]);
  });
});
