/**
 * Lambda handlers for what AWS itself sends: invocations, schedules, task events. What they throw is for Lambda's own
 * retries and, after them, for the failure queue.
 */
import * as v from 'valibot';
import type { ConvergePorts } from '../core/end/converge.ts';
import { type Pass, reap } from '../core/end/reap.ts';
import { taskStopped } from '../core/end/task-stopped.ts';
import { tearDown } from '../core/end/tear-down.ts';
import { detailOf } from '../core/session/task-detail.ts';
import { type Orphan, type OrphanCounts, type SweepPorts, sweep } from '../core/sweep/sweep.ts';

const teardownEvent = v.object({ sessionId: v.string() });

export function teardownHandler(ports: ConvergePorts) {
  return async (event: unknown): Promise<void> => tearDown(ports, v.parse(teardownEvent, event).sessionId);
}

export function reaperHandler(ports: ConvergePorts, report: (pass: Pass) => void) {
  return async (): Promise<void> => reap(ports, report);
}

const sweepEvent = v.object({ dryRun: v.boolean() });

/** Its answer is for the person who called it. */
export function sweeperHandler(ports: SweepPorts, report: (counts: OrphanCounts) => void) {
  return async (event: unknown): Promise<SweepAnswer> => ({
    orphans: await sweep(ports, v.parse(sweepEvent, event), report),
  });
}

export interface SweepAnswer {
  readonly orphans: readonly Orphan[];
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html */
const taskEvent = v.object({
  detail: v.object({
    taskArn: v.string(),
    lastStatus: v.literal('STOPPED'),
    startedBy: v.optional(v.string()),
    stoppedReason: v.optional(v.string()),
    containers: v.optional(
      v.array(
        v.object({ name: v.optional(v.string()), exitCode: v.optional(v.number()), reason: v.optional(v.string()) }),
      ),
    ),
  }),
});

export function taskStoppedHandler(ports: ConvergePorts) {
  return async (event: unknown): Promise<void> => {
    const { detail: task } = v.parse(taskEvent, event);
    if (task.startedBy === undefined) return; // somebody else's task in our cluster
    const detail = detailOf(task);
    await taskStopped(ports, {
      taskArn: task.taskArn,
      startedBy: task.startedBy,
      ...(detail !== undefined && { detail }),
    });
  };
}
