/**
 * The safety measures of this design, each as the smallest change of the code that takes it away. Without any one of them the
 * simulation must fail; `npm run measures` shows how soon.
 */
export interface Measure {
  readonly name: string;
  readonly file: string;
  /** Must stand in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

export const measures: readonly Measure[] = [
  {
    name: 'the start lease: a row is not closed while its starter may still be creating',
    file: 'lambdas/core/converge.ts',
    find: 'if (isBeingCreated(known, now)) return',
    replace: 'if (isBeingCreated(known, now) && false) return',
  },
  {
    name: 'a start whose outcome is unknown keeps its lease',
    file: 'lambdas/core/launch.ts',
    find: 'const nothingMoreCanAppear = error instanceof BastionError;',
    replace: 'const nothingMoreCanAppear = true || error instanceof BastionError;',
  },
  {
    name: 'the condition on taking a claim',
    file: 'lambdas/aws/session-table.ts',
    find: "condition: 'attribute_not_exists(#pk) OR #holder IN (:self, :over)'",
    replace: "condition: 'attribute_not_exists(#pk) OR attribute_exists(#holder) OR #holder IN (:self, :over)'",
  },
  {
    name: 'the condition on giving a claim back',
    file: 'lambdas/aws/session-table.ts',
    find: "ConditionExpression: '#holder = :self'",
    replace: "ConditionExpression: '#holder = :self OR attribute_exists(#holder)'",
  },
  {
    name: 'a write is refused when somebody else was faster',
    file: 'lambdas/aws/session-table.ts',
    find: "condition: '#version = :seen'",
    replace: "condition: '#version = :seen OR attribute_exists(#version)'",
  },
  {
    name: 'MISSING is believed only when a second look confirms it',
    file: 'lambdas/core/observe.ts',
    find: 'return !(await ports.tasks.findRunning(session.sessionId)).includes(task.arn);',
    replace: 'return true;',
  },
  {
    name: 'MISSING is not believed of a new task',
    file: 'lambdas/core/observe.ts',
    find: 'if (ports.clock.now() < session.createdAt + 5 * startLeaseMs) return false;',
    replace: 'if (ports.clock.now() < 0) return false;',
  },
  {
    name: 'a group that EC2 denies is not believed gone while it is new',
    file: 'lambdas/core/converge.ts',
    find: "if (group === 'absent' && now < settledAt) return",
    replace: "if (group === 'absent' && now < 0) return",
  },
  {
    name: 'a group in use is deleted later',
    file: 'lambdas/core/converge.ts',
    find: "if (group === 'in-use') return later(ports, known, now + lookAgainMs);",
    replace: '',
  },
  {
    name: 'the row waits for its tasks to stop',
    file: 'lambdas/core/converge.ts',
    find: 'if (tasksLeft) return later(ports, known, now + lookAgainMs);',
    replace: '',
  },
  {
    name: 'a task the row does not know is looked for',
    file: 'lambdas/core/converge.ts',
    find: 'const running = await ports.tasks.findRunning(session.sessionId);',
    replace: 'const running: string[] = [];',
  },
  {
    name: 'addresses are read again after they were applied',
    file: 'lambdas/core/converge.ts',
    find: "if (current.state !== 'running' || sameCidrs(applied, current.allowedCidrs)) break;",
    replace: 'break;',
  },
  {
    name: 'a change of address is confirmed soon',
    file: 'lambdas/core/session.ts',
    find: 'reapAt: Math.min(moved ? now + refreshLeaseMs : nextCheckUp(next, now), expiresAt)',
    replace: 'reapAt: expiresAt',
  },
  {
    name: 'a running session is looked at every five minutes',
    file: 'lambdas/core/session.ts',
    find: 'return Math.min(session.expiresAt, now + checkUpMs);',
    replace: 'return session.expiresAt;',
  },
  {
    name: 'the handoff is deleted with its session',
    file: 'lambdas/core/converge.ts',
    find: "if (known.taskArn !== undefined && known.agent.kind !== 'ssh') await ports.handoffs.remove(known.taskArn);",
    replace: '',
  },
  {
    name: 'the task is in the row before its handoff exists',
    file: 'lambdas/core/start-target.ts',
    find: 'const noted = await change(ports, session, (row) => taskFound(row, taskArn));',
    replace: 'const noted = session;',
  },
  {
    name: 'an expired session is ended by the reaper',
    file: 'lambdas/core/session.ts',
    find: "return session.expiresAt <= now ? { reason: 'expired' } : undefined;",
    replace: 'return undefined;',
  },
  {
    name: 'the new address is let in before the reply',
    file: 'lambdas/core/start-bastion.ts',
    find: "return next.state === 'running' && !sameCidrs(next.allowedCidrs, live.allowedCidrs) ? converge(ports, next) : next;",
    replace: 'return next;',
  },
];
