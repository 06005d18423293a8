/** The safety measures around the handoff, whose absence says that a bastion is up. */
import type { Measure } from './measure.ts';

const launch = 'lambdas/core/start/launch.ts';

const removesItem = 'await Promise.all(tasks.map(({ arn }) => ports.handoffs.remove({ kind, arn })));';

export const handoffMeasures: readonly Measure[] = [
  {
    name: 'the handoff is written before the row runs',
    edits: [
      { file: launch, find: '  let row = session;', replace: '  let row = session; let putHandoff = async () => {};' },
      {
        file: launch,
        find: 'if (isLive(row)) {\n      const handoff = await',
        replace: 'putHandoff = async () => {\n      const handoff = await',
      },
      {
        file: launch,
        find: 'markRunning(current, task.value, ports.clock.now()));',
        replace: 'markRunning(current, task.value, ports.clock.now())); await putHandoff();',
      },
    ],
  },
  {
    name: 'keys that DynamoDB leaves unprocessed are unknown',
    edits: [
      {
        file: 'lambdas/aws/dynamodb/handoffs.ts',
        find: ' && UnprocessedKeys[handoffTable] === undefined',
        replace: '',
      },
    ],
  },
  {
    name: 'a bastion that does not come up ends',
    edits: [
      {
        file: 'lambdas/core/session/session.ts',
        find: 'if (isWaitingForSshd(session) && !mayComeUp(session, now)) {',
        replace: 'if (isWaitingForSshd(session) && now < 0) {',
      },
    ],
  },
  {
    name: 'a bastion that starts has a check-up every minute',
    edits: [
      {
        file: 'lambdas/core/session/session.ts',
        find: 'now + (isWaitingForSshd(session) ? startCheckUpMs : checkUpMs)',
        replace: 'now + checkUpMs',
      },
    ],
  },
  {
    name: 'each request looks at the task once, also of a bastion that was up',
    edits: [
      {
        file: 'lambdas/core/watch/await-ready.ts',
        find: 'lookAtTaskNow().then(() =>',
        replace: '(isReady(session) ? Promise.resolve() : lookAtTaskNow()).then(() =>',
      },
    ],
  },
  {
    name: 'the handoff is deleted with its session',
    edits: [{ file: 'lambdas/core/end/belongings.ts', find: removesItem, replace: '' }],
  },
  {
    name: 'the handoff of a person’s bastion is deleted with its session',
    edits: [
      {
        file: 'lambdas/core/end/belongings.ts',
        find: removesItem,
        replace: `if (kind !== 'ssh') ${removesItem}`,
      },
    ],
  },
  {
    name: 'the agent deletes its handoff twice',
    edits: [
      {
        file: 'test/support/scripted-containers.ts',
        find: 'if (this.#running.has(container)) await handoff.remove().catch(() => handoff.remove().catch(() => {}));',
        replace: '',
      },
    ],
  },
];
