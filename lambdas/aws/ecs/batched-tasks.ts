import type { Clock, Task } from '../../core/session/ports.ts';
import { Batcher } from '../batcher.ts';
import { EcsTasks, type TaskClients } from './tasks.ts';

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html */
const mostTasks = 100;

/** Tasks for a pass that looks at many of them: those that it describes at the same time come in one call. */
export class BatchedTasks extends EcsTasks {
  readonly #tasks: Batcher<Task>;

  constructor(clients: TaskClients, cluster: string, clock: Clock) {
    super(clients, cluster);
    const callForAll = (arns: readonly string[]) => this.describeAll(arns);
    this.#tasks = new Batcher({ most: mostTasks, callForAll, action: 'describe the tasks', clock });
  }

  override describe(arn: string): Promise<Task> {
    return this.#tasks.ask(arn);
  }
}
