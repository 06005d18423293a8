/** Runs a session's agent as one Fargate task. */
import {
  type ContainerOverride,
  type ECSClient,
  type KeyValuePair,
  RunTaskCommand,
  type RunTaskCommandOutput,
} from '@aws-sdk/client-ecs';
import { containers, taskEnv } from '../../../contracts/agent.ts';
import { AwsUnavailable, NotBuilt } from '../../core/session/errors.ts';
import type { Clock, TaskLauncher } from '../../core/session/ports.ts';
import type { Agent, Session } from '../../core/session/session.ts';
import { attemptsOf, inOurWords, isNamed, isOutageBehind } from '../aws-errors.ts';
import { groupUnknown, untilKnown } from '../ec2/eventual-consistency.ts';
import { tagsOf } from '../tags.ts';

export interface LaunchPlan {
  /** ARN by agent kind; those that the deployment builds. */
  readonly taskDefinitions: Readonly<Partial<Record<Agent['kind'], string>>>;
  readonly subnetIds: readonly string[];
  readonly cluster: string;
  readonly stack: string;
}

interface Attempt {
  readonly subnets: readonly string[];
  readonly securityGroupId: string;
  /** The same token never runs two tasks, however often it is sent. */
  readonly clientToken: string;
}

/** The task, or AWS's reasons why there is none. */
type Ran = { readonly taskArn: string } | { readonly failure: string };

/** All subnets together, then one by one. */
const mostPlaces = 4;
const betweenPlacesMs = 1000;
/** Since the session was made. Later than this no other place is tried: one that hangs takes fifteen seconds, and a start has 29. */
const placesWithinMs = 10_000;

export class EcsLauncher implements TaskLauncher {
  readonly #client: ECSClient;
  readonly #plan: LaunchPlan;
  readonly #clock: Clock;

  constructor(client: ECSClient, plan: LaunchPlan, clock: Clock) {
    this.#client = client;
    this.#plan = plan;
    this.#clock = clock;
  }

  /**
   * Fargate's capacity differs between availability zones and moments, so a lack of it is answered by asking again: with a new
   * token, because a token that has failed keeps failing, and in one zone after the other.
   * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html
   */
  async run(session: Session, securityGroupId: string): Promise<string> {
    const { subnetIds } = this.#plan;
    const places = [subnetIds, ...subnetIds.map((subnetId) => [subnetId])].slice(0, mostPlaces);
    let why = '';
    for (const [n, subnets] of places.entries()) {
      if (n > 0) {
        if (this.#clock.now() > session.createdAt + placesWithinMs) break;
        await this.#clock.sleep(betweenPlacesMs);
      }
      const clientToken = n === 0 ? session.sessionId : `${session.sessionId}-${n}`;
      const ran = await this.#runOnce(session, { subnets, securityGroupId, clientToken });
      if ('taskArn' in ran) return ran.taskArn;
      why = ran.failure;
    }
    throw noTask(why, false);
  }

  async #runOnce(session: Session, { subnets, securityGroupId, clientToken }: Attempt): Promise<Ran> {
    const command = new RunTaskCommand({
      ...runTaskInput(session, this.#plan),
      clientToken,
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: [...subnets],
          securityGroups: [securityGroupId],
          // There is no NAT: the image, the logs and the users all come over this address.
          assignPublicIp: 'ENABLED',
        },
      },
    });
    // True once the SDK has tried more than once: what came before the last answer may have run a task.
    let isUncertain = false;
    const send = async () => {
      try {
        const output = await this.#client.send(command);
        isUncertain ||= output.$metadata.attempts !== 1;
        return output;
      } catch (error) {
        isUncertain ||= attemptsOf(error) !== 1;
        throw error;
      }
    };
    const ran = await untilKnown(this.#clock, groupUnknown, send)
      .then(ranTask)
      .catch((error: unknown): Ran => {
        const taskArn = launchedBefore(error);
        if (taskArn !== undefined) return { taskArn };
        if (isOutageBehind(error)) return { failure: error.message };
        throw inOurWords(error, 'run the task', isUncertain);
      });
    // There may be a task after all, and a new token would run a second one.
    if ('failure' in ran && isUncertain) throw noTask(ran.failure, true);
    return ran;
  }
}

const noTask = (why: string, mayHaveHappened: boolean) =>
  new AwsUnavailable(`AWS could not run the task right now: ${why || 'it gave no reason'}`, { mayHaveHappened });

/** RunTask answers 200 when Fargate has no capacity: https://repost.aws/knowledge-center/ecs-fargate-runtask-capacity */
function ranTask({ tasks = [], failures = [] }: RunTaskCommandOutput): Ran {
  const [task] = tasks;
  if (task?.taskArn !== undefined) return { taskArn: task.taskArn };
  const reasons = failures.map(({ reason, detail }) => [reason, detail].filter(Boolean).join(': '));
  return { failure: reasons.join('; ') };
}

function runTaskInput(session: Session, plan: LaunchPlan) {
  const { agent, sessionId } = session;
  const taskDefinition = plan.taskDefinitions[agent.kind];
  if (taskDefinition === undefined) throw new NotBuilt(`This deployment has no ${agent.kind} agent.`);
  return {
    cluster: plan.cluster,
    taskDefinition,
    launchType: 'FARGATE' as const,
    count: 1,
    startedBy: sessionId,
    tags: tagsOf(session, plan.stack, (key, value) => ({ key, value })),
    overrides: { containerOverrides: containerOverrides(session) },
  };
}

function containerOverrides({ agent, latestEnd }: Session): ContainerOverride[] {
  const end = variable(taskEnv.latestEnd, String(Math.floor(latestEnd / 1000)));
  if (agent.kind !== 'ssh') return [{ name: agent.kind, environment: [end] }];
  const port = variable(taskEnv.port, String(agent.port));
  return [
    { name: containers.ssh, environment: [variable(taskEnv.authorizedKey, agent.publicKey), end, port] },
    { name: containers.ready, environment: [port] },
  ];
}

const variable = (name: string, value: string): KeyValuePair => ({ name, value });

/** The task a former try of the same session has run, when ECS says so by a conflict. */
function launchedBefore(error: unknown): string | undefined {
  if (!isNamed(error, 'ConflictException') || !(error instanceof Error) || !('resourceIds' in error)) return undefined;
  const [arn] = Array.isArray(error.resourceIds) ? error.resourceIds : [];
  return typeof arn === 'string' ? arn : undefined;
}
