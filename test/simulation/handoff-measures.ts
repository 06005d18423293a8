/** The safety measures around the handoff, whose absence says that a bastion is up. */
import type { Edit, Measure } from './measure.ts';

const launch = 'lambdas/core/start/launch.ts';

const removesItem = 'await Promise.all(tasks.map(({ arn }) => ports.handoffs.remove({ kind, arn })));';

const believesAtAnyTime: Edit = {
  file: 'lambdas/core/watch/observe.ts',
  find: 'if (!isTaken || !mayComeUp(current, now)) return current;',
  replace: 'if (!isTaken) return current;',
};

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
    name: 'an absent handoff is believed only in the time that a bastion has to come up (the other line of defence taken away too)',
    edits: [
      believesAtAnyTime,
      {
        file: 'lambdas/core/session/session.ts',
        find: 'export const handoffKeptMs = readyWithinMs + 5 * minute;',
        replace: 'export const handoffKeptMs = readyWithinMs;',
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
    name: 'the row names the task before the handoff is written',
    edits: [
      {
        file: launch,
        find: 'row = await changeSession(ports, row, (current) => noteTask(current, taskArn));',
        replace: 'row = (await ports.sessions.find(row.sessionId)) ?? row;',
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
    name: 'a row stays open while its handoff may still be written',
    edits: [
      {
        file: 'lambdas/aws/dynamodb/handoffs.ts',
        find: 'return { mayReappear: $metadata.attempts !== 1 };',
        replace: 'return { mayReappear: false };',
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
