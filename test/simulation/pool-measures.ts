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
    name: 'the taking forgets that the bastion was up',
    edits: [{ file: take, find: 'const { readyAt: _, ...rest } = session;', replace: 'const rest = session;' }],
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
];
