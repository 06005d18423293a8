import type { Clock } from '../clock.ts';
import { AwsError } from '../wire.ts';
import type { RunTaskInput } from './run-task.ts';
import type { Task } from './task.ts';

const hourMs = 3_600_000;

interface Launch {
  readonly parameters: string;
  readonly tasks: readonly Task[];
  readonly at: number;
}

/**
 * The idempotency of RunTask. In one cluster, the same token with the same parameters returns the tasks of the first call. With
 * any other parameter the call is a conflict. ECS forgets a token after 24 hours, or one hour after its tasks have stopped.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html
 */
export class ClientTokens {
  readonly #clock: Clock;
  readonly #launches = new Map<string, Launch>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Calls `start`, or returns the tasks of the earlier call with this token. Throws ConflictException if that call had other
   * parameters.
   */
  launch(
    clusterArn: string,
    { clientToken, ...parameters }: RunTaskInput,
    start: () => readonly Task[],
  ): readonly Task[] {
    if (clientToken === undefined) return start();
    const key = `${clusterArn} ${clientToken}`;
    const fingerprint = canonical(parameters);
    const earlierLaunch = this.#launches.get(key);
    if (earlierLaunch !== undefined && !this.#isForgotten(earlierLaunch)) {
      if (earlierLaunch.parameters === fingerprint) return earlierLaunch.tasks;
      throw new AwsError(
        'ConflictException',
        'The clientToken was already used for a RunTask with other parameters. Use another token, or the same parameters.',
        400,
        { resourceIds: earlierLaunch.tasks.map(({ arn }) => arn) },
      );
    }
    const tasks = start();
    this.#launches.set(key, { parameters: fingerprint, tasks, at: this.#clock.now() });
    return tasks;
  }

  #isForgotten({ tasks, at }: Launch): boolean {
    const now = this.#clock.now();
    const stoppedAt = tasks.map(({ moments }) => moments.stoppedAt ?? Number.POSITIVE_INFINITY);
    return now > at + 24 * hourMs || now > Math.max(...stoppedAt) + hourMs;
  }
}

/** Returns JSON with sorted keys. Two requests with the same parameters have the same JSON. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
