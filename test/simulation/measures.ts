/** The safety measures. The simulation must fail without any one of them; `npm run test:measures` shows how soon it does. */
import { announceMeasures } from './announce-measures.ts';
import { handoffMeasures } from './handoff-measures.ts';
import type { Edit, Measure } from './measure.ts';
import { poolMeasures } from './pool-measures.ts';
import { startMeasures } from './start-measures.ts';

const keepsWhileCreating: Edit = {
  file: 'lambdas/core/end/belongings.ts',
  find: 'return isBeingCreated(session, ports.clock.now()) ? session.creatingUntil : undefined;',
  replace: 'return undefined;',
};

const keepsWhileGroupIsNew: Edit = {
  file: 'lambdas/core/end/belongings.ts',
  find: 'return now < settledAt ? settledAt : undefined;',
  replace: 'return undefined;',
};

const keepsWhileGroupIsInUse: Edit = {
  file: 'lambdas/core/end/belongings.ts',
  find: "case 'in-use':",
  replace: '',
};

export const measures: readonly Measure[] = [
  ...startMeasures,
  ...handoffMeasures,
  ...poolMeasures,
  ...announceMeasures,
  {
    name: 'a row stays open while a resource of its session may still appear (both lines of defence taken away)',
    edits: [keepsWhileCreating, keepsWhileGroupIsNew],
  },
  {
    name: 'a start with an unknown outcome keeps its lease (the other line of defence taken away too)',
    edits: [
      {
        file: 'lambdas/core/start/bring-up.ts',
        find: 'return isOver ? endStartLease(stopping, now) : stopping;',
        replace: 'return endStartLease(stopping, now);',
      },
      keepsWhileGroupIsNew,
    ],
  },
  {
    name: 'a claim is taken on a condition',
    edits: [
      {
        file: 'lambdas/aws/dynamodb/sessions.ts',
        find: "condition: 'attribute_not_exists(#pk) OR #holder IN (:self, :previous)'",
        replace: "condition: 'attribute_not_exists(#pk) OR attribute_exists(#holder) OR #holder IN (:self, :previous)'",
      },
    ],
  },
  {
    name: 'a claim is given back on a condition',
    edits: [
      {
        file: 'lambdas/aws/dynamodb/sessions.ts',
        find: "ConditionExpression: '#holder = :self'",
        replace: "ConditionExpression: '#holder = :self OR attribute_exists(#holder)'",
      },
    ],
  },
  {
    name: 'a write is refused if another write came first',
    edits: [
      {
        file: 'lambdas/aws/dynamodb/sessions.ts',
        find: "condition: '#version = :seen'",
        replace: "condition: '#version = :seen OR attribute_exists(#version)'",
      },
    ],
  },
  {
    name: 'MISSING is believed only when a second look confirms it',
    edits: [
      {
        file: 'lambdas/core/watch/observe.ts',
        find: 'return !(await findRunning()).includes(task.arn);',
        replace: 'return true;',
      },
    ],
  },
  {
    name: 'MISSING is not believed of a new task',
    edits: [
      {
        file: 'lambdas/core/watch/observe.ts',
        find: 'if (ports.clock.now() < session.createdAt + taskSettlesMs) return false;',
        replace: 'if (ports.clock.now() < 0) return false;',
      },
    ],
  },
  {
    name: 'a group is looked for when EC2 denies its deletion, as it does for a deleted one',
    edits: [
      {
        file: 'lambdas/aws/ec2/security-groups.ts',
        find: "if (isNamed(error, 'UnauthorizedOperation') && !(await",
        replace: "if (isNamed(error, 'UnauthorizedOperation') && false && !(await",
      },
    ],
  },
  {
    name: 'a group in use is deleted later',
    edits: [keepsWhileGroupIsInUse],
  },
  {
    name: 'the row waits for its tasks to stop (the other line of defence taken away too: the group in use)',
    edits: [
      {
        file: 'lambdas/core/end/belongings.ts',
        find: 'return results.every((gone) => gone) ? undefined : ports.clock.now() + removalRetryMs;',
        replace: 'return undefined;',
      },
      keepsWhileGroupIsInUse,
    ],
  },
  {
    name: 'a task that the row does not name is looked for',
    edits: [
      {
        file: 'lambdas/core/end/ended-session.ts',
        find: 'const listedArns = await ports.tasks.findRunning(session.sessionId);',
        replace: 'const listedArns: string[] = [];',
      },
    ],
  },
  {
    name: 'addresses are read again after they are applied',
    edits: [
      {
        file: 'lambdas/core/end/converge.ts',
        find: 'if (!sameCidrs(cidrsOf(applied), current.allowedCidrs)) continue;',
        replace: '',
      },
    ],
  },
  {
    name: 'an address to which its owner has moved is allowed whatever EC2 shows',
    edits: [
      {
        file: 'lambdas/core/end/converge.ts',
        find: 'isMoved(current) ? applied : missingFrom(shown, applied)',
        replace: 'missingFrom(shown, applied)',
      },
    ],
  },
  {
    name: 'an address from which its owner has moved is removed whatever EC2 shows',
    edits: [
      {
        file: 'lambdas/core/end/converge.ts',
        find: 'rulesFor(current, current.formerCidrs ?? [])',
        replace: 'rulesFor(current, [])',
      },
    ],
  },
  {
    name: 'a change of address is confirmed soon',
    edits: [
      {
        file: 'lambdas/core/session/session.ts',
        find: 'return { ...next, reapAt: Math.min(dueAt, nextWarningOrEnd(next, now)) };',
        replace: 'return { ...next, reapAt: expiresAt };',
      },
    ],
  },
  {
    name: 'a running session has a check-up every five minutes',
    edits: [
      {
        file: 'lambdas/core/session/session.ts',
        find: 'return Math.min(nextWarningOrEnd(session, now), now + (isWaitingForSshd(session) ? startCheckUpMs : checkUpMs));',
        replace:
          'return isWaitingForSshd(session) ? Math.min(session.expiresAt, now + startCheckUpMs) : nextWarningOrEnd(session, now);',
      },
    ],
  },
  {
    name: 'a session ends with its container, not with the release of its interface',
    edits: [
      {
        file: 'lambdas/core/watch/observe.ts',
        find: '(session.pool !== undefined || !isWaitingForSshd(session) || now >= session.createdAt + failedStartMs);',
        replace: 'now < session.createdAt;',
      },
    ],
  },
  {
    name: 'an expired session is ended by the reaper',
    edits: [
      {
        file: 'lambdas/core/session/session.ts',
        find: "return session.expiresAt <= now ? { reason: 'expired' } : undefined;",
        replace: 'return undefined;',
      },
    ],
  },
  {
    name: 'the new address is allowed before the reply',
    edits: [
      {
        file: 'lambdas/core/start/start-bastion.ts',
        find: "return next.state === 'running' && isMoved(next) ? openTo(ports, next) : next;",
        replace: "return next.state === 'running' && isMoved(next) && false ? openTo(ports, next) : next;",
      },
    ],
  },
  {
    name: 'the claim is released before the row is closed',
    edits: [
      { file: 'lambdas/core/end/belongings.ts', find: 'await ports.sessions.releaseClaim(session);', replace: '' },
      {
        file: 'lambdas/core/end/converge.ts',
        find: 'const { before, after: stopped } = await change(ports, current, markStopped);',
        replace:
          'const { before, after: stopped } = await change(ports, current, markStopped); await ports.sessions.releaseClaim(stopped);',
      },
    ],
  },
  {
    name: 'the sweeper leaves what a session explains (both reads of its row taken away)',
    edits: [
      {
        file: 'lambdas/core/sweep/sweep.ts',
        find: "if (!session) return 'unknown';",
        replace: "if (!session || session.state !== 'stopped') return 'unknown';",
      },
    ],
  },
  {
    name: 'a resource with the tag bastion:keep stays',
    edits: [{ file: 'contracts/account.ts', find: "'bastion:keep'", replace: "'bastion:keep-no-more'" }],
  },
  {
    name: 'the sweeper removes only what it has seen before',
    edits: [
      {
        file: 'lambdas/core/sweep/sweep.ts',
        find: "if (!validNote) return 'noted';",
        replace: "if (!validNote) return 'removable';",
      },
    ],
  },
];
