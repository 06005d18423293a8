/** The safety measures of the pool. */
import { putsAfterwards } from './handoff-measures.ts';
import type { Measure } from './measure.ts';

const takePooled = 'lambdas/core/start/take-pooled.ts';
const take = 'lambdas/core/session/take.ts';

export const poolMeasures: readonly Measure[] = [
  {
    name: 'a taker writes the row of a pooled bastion only as it was read',
    edits: [
      {
        file: takePooled,
        find: '(await ports.sessions.save(take(candidate, taker.owner, now)));',
        replace:
          '(await ports.sessions.save({ ...take(candidate, taker.owner, now), version: (await ports.sessions.find(candidate.sessionId))?.version ?? 0 }));',
      },
    ],
  },
  {
    name: 'a sign of life before the taking is none of the time after it',
    edits: [
      {
        file: 'lambdas/core/watch/observe.ts',
        find: 'isSameStart(current, session) && isAccepted(current)',
        replace: 'isAccepted(current)',
      },
    ],
  },
  {
    name: 'the taking forgets that the bastion was up',
    edits: [{ file: take, find: 'const { readyAt: _, ...rest } = session;', replace: 'const rest = session;' }],
  },
  {
    name: 'the launch of a pooled bastion does not accept the start of its taker',
    edits: [
      {
        file: 'lambdas/core/session/session.ts',
        find: "session.state !== 'starting' || session.createdAt !== startedAt",
        replace: "session.state !== 'starting'",
      },
    ],
  },
  {
    name: 'the launch of a pooled bastion does not end the start of its taker',
    edits: [
      {
        file: 'lambdas/core/start/bring-up.ts',
        find: '!isSameStart(current, progress.row) ||',
        replace: '',
      },
    ],
  },
  {
    name: 'a late launch leaves the start of a taker alone (both lines of defence taken away)',
    edits: [
      {
        file: 'lambdas/core/session/session.ts',
        find: "session.state !== 'starting' || session.createdAt !== startedAt",
        replace: "session.state !== 'starting'",
      },
      {
        file: 'lambdas/core/start/bring-up.ts',
        find: '!isSameStart(current, progress.row) ||',
        replace: '',
      },
      {
        file: take,
        find: ' && !isBeingCreated(session, now)',
        replace: '',
      },
    ],
  },
  {
    name: 'the agent deletes only the item that it has read',
    edits: [{ file: 'test/support/webhook-agent.ts', find: '{ ...item, ...condition }', replace: 'item' }],
  },
  {
    name: 'the key does not replace an item that is there',
    edits: [
      {
        file: 'lambdas/aws/dynamodb/handoffs.ts',
        find: "'attribute_not_exists(#pk) OR #id = :id'",
        replace: "'attribute_not_exists(#pk) OR attribute_exists(#pk) OR #id = :id'",
      },
    ],
  },
  {
    name: 'a bastion whose first handoff may come back is not free',
    edits: [{ file: take, find: ' && !isBeingCreated(session, now)', replace: '' }],
  },
  {
    name: 'a bastion that has expired is not free',
    edits: [{ file: take, find: ' && session.expiresAt > now', replace: '' }],
  },
  {
    name: 'a bastion that is not up is not free',
    edits: [{ file: take, find: ' && isUp(session)', replace: '' }],
  },
  {
    name: 'the owner who takes two bastions at once gives one up',
    edits: [
      {
        file: takePooled,
        find: 'takeClaim(ports, taken, () => giveUp(ports, taken, detail))',
        replace: 'takeClaim(ports, taken, async () => {})',
      },
    ],
  },
  {
    name: 'a taken bastion that leaves its key untaken ends',
    edits: [
      {
        file: 'lambdas/core/start/start-bastion.ts',
        find: 'if (!isHasty) return awaitReady(ports, session, patience);',
        replace: 'if (isHasty || !isHasty) return awaitReady(ports, session, patience);',
      },
    ],
  },
  {
    name: 'the key is written before the row runs',
    edits: [
      {
        file: takePooled,
        find: "putHandoff(ports, progress, taskArn, {\n        id: 'key',",
        replace: "Object.assign(progress, { put: () => putHandoff(ports, progress, taskArn, {\n        id: 'key',",
      },
      {
        file: takePooled,
        find: 'until: taken.createdAt + handoffKeptMs,\n      }),',
        replace: 'until: taken.createdAt + handoffKeptMs,\n      }) }),',
      },
      putsAfterwards,
    ],
  },
  {
    name: 'a pooled bastion that ends leaves the claim of the pool',
    edits: [
      {
        file: 'lambdas/core/session/session.ts',
        find: 'isUntaken(session) ? endedPoolClaim : session.claim',
        replace: 'session.claim',
      },
    ],
  },
  {
    name: 'the pool ends what is too many',
    edits: [
      {
        file: 'lambdas/core/end/reap.ts',
        find: 'isInTime() ? await trimPool(ports, plan, trims) : undefined;',
        replace: 'undefined;',
      },
    ],
  },
  {
    name: 'the pool ends no bastion that somebody takes at the same time',
    edits: [
      {
        file: 'lambdas/core/end/trim-pool.ts',
        find: "isUntaken(row) ? markStopping(row, 'stopped', now, 'The pool has no use for it.') : row",
        replace: "markStopping(row, 'stopped', now, 'The pool has no use for it.')",
      },
    ],
  },
  {
    name: 'a bastion of an earlier deployment is not given',
    edits: [{ file: takePooled, find: ' && isAsDemanded(session, demand)', replace: '' }],
  },
  {
    name: 'a key that finds an item in its way is put again',
    edits: [{ file: 'lambdas/core/start/bring-up.ts', find: 'if (isWritten) return;', replace: 'return;' }],
  },
];
