/** DynamoDB's own deletion of handoff items after their `purgeAt`: at once in the worst case, and else later. */
import * as v from 'valibot';
import { handoff } from '../../contracts/agent.ts';
import type { Call } from '../../emulator/wire.ts';
import type { Deployment } from '../support/deployment.ts';
import { deleteHandoff, putsHandoff } from '../support/handoffs.ts';
import { minuteMs, secondMs } from '../support/time.ts';
import type { Dice } from './dice.ts';
import type { Oracle } from './oracle.ts';

const putInput = v.object({
  Item: v.object({ [handoff.key]: v.object({ S: v.string() }), [handoff.ttl]: v.object({ N: v.string() }) }),
});

/** Has the item that a call has written deleted in time, if it is still there. */
export function expireLater(call: Call, bastions: Deployment, { oracle, dice }: { oracle: Oracle; dice: Dice }): void {
  if (!putsHandoff(call)) return;
  const { Item } = v.parse(putInput, call.input);
  const pk = Item[handoff.key].S;
  const dueMs = Number(Item[handoff.ttl].N) * secondMs - bastions.clock.now() + dice.pick([0, 0, 2 * minuteMs]);
  bastions.clock.after(dueMs, () => {
    if (!oracle.ledger.handoffs.has(pk)) return;
    oracle.note(`DynamoDB deletes the handoff ${pk}, whose time is over`);
    void deleteHandoff(bastions, { pk });
  });
}
