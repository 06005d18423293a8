/** The tasks of the cluster that carry the stack's tag, or whose `startedBy` has the form of a session id. */
import {
  DescribeTasksCommand,
  type DesiredStatus,
  type ECSClient,
  paginateListTasks,
  type Task,
} from '@aws-sdk/client-ecs';
import { tags } from '../../../contracts/account.ts';
import type { FoundResource, Inventory, Removal, Tasks } from '../../core/session/ports.ts';
import { isSessionId } from '../../core/session/session-id.ts';
import { failedTo, pagesOf } from '../errors.ts';

/** The tasks of a stack. */
export interface TaskScope {
  readonly cluster: string;
  readonly stack: string;
}

export class EcsTaskInventory implements Inventory {
  readonly kind = 'task';
  readonly #client: ECSClient;
  readonly #scope: TaskScope;
  readonly #tasks: Pick<Tasks, 'describe' | 'stop'>;

  constructor(client: ECSClient, scope: TaskScope, tasks: Pick<Tasks, 'describe' | 'stop'>) {
    this.#client = client;
    this.#scope = scope;
    this.#tasks = tasks;
  }

  /**
   * ECS lists a task under STOPPED as soon as it has been asked to stop, and for an hour after its end.
   * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
   */
  async *all(): AsyncIterable<FoundResource> {
    yield* this.#listedAs('RUNNING');
    yield* this.#listedAs('STOPPED');
  }

  async *#listedAs(desiredStatus: DesiredStatus): AsyncIterable<FoundResource> {
    const { cluster, stack } = this.#scope;
    const pages = paginateListTasks({ client: this.#client }, { cluster, desiredStatus });
    // A page has at most 100 tasks, which is as many as DescribeTasks takes.
    for await (const { taskArns = [] } of pagesOf(pages, 'list the tasks')) {
      if (taskArns.length === 0) continue;
      const command = new DescribeTasksCommand({ cluster, tasks: taskArns, include: ['TAGS'] });
      const { tasks = [] } = await this.#client.send(command).catch(failedTo('describe the tasks'));
      for (const task of tasks) {
        if (task.lastStatus !== 'STOPPED' && isOurs(task, stack)) yield toFoundResource(task);
      }
    }
  }

  async remove(arn: string): Promise<Removal> {
    const { phase, isKept } = await this.#tasks.describe(arn);
    if (isKept) return 'kept';
    if (phase === 'missing') return 'absent';
    await this.#tasks.stop(arn, 'No session explains it');
    return 'removed';
  }
}

/** StopTask takes a task's tags away, so a stopping task is known by its `startedBy`. */
function isOurs(task: Task, stack: string): boolean {
  const stackTag = tagOf(task, tags.stack);
  return stackTag === undefined ? isSessionId(task.startedBy ?? '') : stackTag === stack;
}

function toFoundResource(task: Task): FoundResource {
  const { taskArn = '', startedBy = '' } = task;
  return {
    kind: 'task',
    id: taskArn,
    sessionId: isSessionId(startedBy) ? startedBy : tagOf(task, tags.session),
    isOurs: true,
    isKept: tagOf(task, tags.keep) !== undefined,
    isLeaving: task.desiredStatus === 'STOPPED',
  };
}

const tagOf = ({ tags: taskTags }: Task, name: string): string | undefined =>
  taskTags?.find(({ key }) => key === name)?.value;
