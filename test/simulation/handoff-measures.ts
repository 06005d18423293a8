/** The safety measures around the handoff, whose absence says that a bastion is up. */
import type { Edit, Measure } from './measure.ts';

/** The row says that AWS has accepted the task, and then the item is written. */
export const putsAfterwards: Edit = {
  file: 'lambdas/core/start/bring-up.ts',
  find: '(row) => markAccepted(row, launch, ports.clock.now()));',
  replace: '(row) => markAccepted(row, launch, ports.clock.now())); await Object(progress).put?.();',
};

const removesItem = 'await Promise.all(tasks.map(({ arn }) => ports.handoffs.remove({ kind, arn })));';

export const handoffMeasures: readonly Measure[] = [
  {
    name: 'the handoff is written before the row runs',
    edits: [
      {
        file: 'lambdas/core/start/launch.ts',
        find: "await putHandoff(ports, progress, taskArn, { id: 'start', values, until: session.createdAt + handoffKeptMs });",
        replace:
          "Object.assign(progress, { put: () => putHandoff(ports, progress, taskArn, { id: 'start', values, until: session.createdAt + handoffKeptMs }) });",
      },
      putsAfterwards,
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
    name: 'the agent deletes an item that comes back',
    edits: [
      {
        file: 'test/support/scripted-containers.ts',
        find: 'if (!(await this.#attend(container, own))) this.#putsOf(taskId).note();',
        replace: 'if (this.#isPooled(container) && !(await this.#attend(container, own))) this.#putsOf(taskId).note();',
      },
    ],
  },
];
