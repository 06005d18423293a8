/** The tasks of our cluster that carry our tag, or were started by something that looks like a session of ours. */
import {
  DescribeTasksCommand,
  type DesiredStatus,
  type ECSClient,
  paginateListTasks,
  type Task,
} from '@aws-sdk/client-ecs';
import { tags } from '../../../contracts/account.ts';
import type { Removal, Resource, Resources, Tasks } from '../../core/session/ports.ts';
import { isSessionId } from '../../core/session/session.ts';

export interface EcsPlace {
  readonly cluster: string;
  readonly stack: string;
}

export class EcsTaskResources implements Resources {
  readonly kind = 'task';
  readonly #client: ECSClient;
  readonly #place: EcsPlace;
  readonly #tasks: Pick<Tasks, 'describe' | 'stop'>;

  constructor(client: ECSClient, place: EcsPlace, tasks: Pick<Tasks, 'describe' | 'stop'>) {
    this.#client = client;
    this.#place = place;
    this.#tasks = tasks;
  }

  /**
   * ECS lists a task under STOPPED as soon as it has been asked to stop, and for an hour after its end.
   * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
   */
  async *all(): AsyncIterable<Resource> {
    yield* this.#listedAs('RUNNING');
    yield* this.#listedAs('STOPPED');
  }

  async *#listedAs(desiredStatus: DesiredStatus): AsyncIterable<Resource> {
    const { cluster, stack } = this.#place;
    // A page has at most 100 tasks, which is as many as DescribeTasks takes.
    for await (const { taskArns = [] } of paginateListTasks({ client: this.#client }, { cluster, desiredStatus })) {
      if (taskArns.length === 0) continue;
      const command = new DescribeTasksCommand({ cluster, tasks: taskArns, include: ['TAGS'] });
      for (const task of (await this.#client.send(command)).tasks ?? []) {
        if (task.lastStatus !== 'STOPPED' && isOurs(task, stack)) yield toResource(task);
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

/** StopTask takes a task's tags away: a stopping one is known by what started it. */
function isOurs(task: Task, stack: string): boolean {
  const tagged = tagOf(task, tags.stack);
  return tagged === undefined ? isSessionId(task.startedBy ?? '') : tagged === stack;
}

function toResource(task: Task): Resource {
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

const tagOf = ({ tags: given }: Task, name: string): string | undefined =>
  given?.find(({ key }) => key === name)?.value;
