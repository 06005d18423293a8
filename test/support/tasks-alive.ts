import { DescribeTasksCommand, type ECSClient, ListTasksCommand, type Task } from '@aws-sdk/client-ecs';
import type { VirtualClock } from '../../emulator/clock.ts';

/** The tasks that have not reached STOPPED, with their sessions. */
export async function listTasksAlive(
  clock: VirtualClock,
  ecs: ECSClient,
  cluster: string,
): Promise<{ taskArn: string; sessionId: string | undefined; lastStatus: string }[]> {
  const arns: string[] = [];
  for (const desiredStatus of ['RUNNING', 'STOPPED'] as const) {
    let nextToken: string | undefined;
    do {
      const page = await clock.run(ecs.send(new ListTasksCommand({ cluster, desiredStatus, nextToken })));
      arns.push(...(page.taskArns ?? []));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  }
  const chunks = Array.from({ length: Math.ceil(arns.length / 100) }, (_, n) => arns.slice(n * 100, n * 100 + 100));
  const tasks: Task[] = [];
  for (const chunk of chunks) {
    const described = await clock.run(ecs.send(new DescribeTasksCommand({ cluster, tasks: chunk })));
    tasks.push(...(described.tasks ?? []));
  }
  return tasks
    .filter(({ lastStatus }) => lastStatus !== 'STOPPED')
    .map(({ taskArn = '', startedBy, lastStatus = '' }) => ({ taskArn, sessionId: startedBy, lastStatus }));
}
