import * as v from 'valibot';
import type { ConvergePorts } from '../core/end/converge.ts';
import { taskStopped } from '../core/end/task-stopped.ts';
import { detailOf, hasEndedIdle } from '../core/session/task-detail.ts';

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

/** Handles ECS's event that a task has stopped. EventBridge delivers it at least once, in any order. */
export function taskStoppedHandler(ports: ConvergePorts) {
  return async (event: unknown): Promise<void> => {
    const { detail: task } = v.parse(taskEvent, event);
    if (task.startedBy === undefined) return; // a stranger's task in our cluster
    const detail = detailOf(task);
    await taskStopped(ports, {
      taskArn: task.taskArn,
      startedBy: task.startedBy,
      isIdle: hasEndedIdle(task),
      ...(detail !== undefined && { detail }),
    });
  };
}
