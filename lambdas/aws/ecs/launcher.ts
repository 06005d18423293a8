/** Runs a session's agent as one Fargate task. */
import {
  type ContainerOverride,
  type ECSClient,
  type KeyValuePair,
  RunTaskCommand,
  type RunTaskCommandOutput,
} from '@aws-sdk/client-ecs';
import { taskEnv } from '../../../contracts/agent.ts';
import { AwsUnavailable, NotBuilt } from '../../core/session/errors.ts';
import type { Clock, TaskLauncher } from '../../core/session/ports.ts';
import type { Agent, Session } from '../../core/session/session.ts';
import { groupUnknown, untilKnown } from '../ec2/eventual-consistency.ts';
import { attemptsOf, isNamed, isOutageBehind, toDomainError } from '../errors.ts';
import { tagsOf } from '../tags.ts';

export interface LaunchPlan {
  /** ARN by agent kind, of the kinds that the deployment builds. */
  readonly taskDefinitions: Readonly<Partial<Record<Agent['kind'], string>>>;
  /** Ids of public subnets. */
  readonly subnets: readonly string[];
  /** Id of the security group that every task has beside its session's own. It belongs to the stack. */
  readonly clientGroup: string;
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
type Outcome = { readonly taskArn: string } | { readonly failure: string };

/** The first place is all subnets together. Then follow single subnets. */
const mostPlaces = 4;
const betweenPlacesMs = 1000;
/** Counted from `createdAt`. After that no further place is tried: one that hangs takes 15 s, and a start has 29 s. */
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
   * Runs the task. Fargate's capacity differs between availability zones and moments, so after a lack of it the next try goes to
   * another zone. It carries a new token, because a token that has failed keeps failing.
   * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html
   */
  async run(session: Session, securityGroupId: string): Promise<string> {
    const places = [this.#plan.subnets, ...this.#plan.subnets.map((subnet) => [subnet])].slice(0, mostPlaces);
    let failure = '';
    for (const [n, subnets] of places.entries()) {
      if (n > 0) {
        if (this.#clock.now() > session.createdAt + placesWithinMs) break;
        await this.#clock.sleep(betweenPlacesMs);
      }
      const clientToken = n === 0 ? session.sessionId : `${session.sessionId}-${n}`;
      const outcome = await this.#runOnce(session, { subnets, securityGroupId, clientToken });
      if ('taskArn' in outcome) return outcome.taskArn;
      failure = outcome.failure;
    }
    throw noTask(failure, false);
  }

  async #runOnce(session: Session, { subnets, securityGroupId, clientToken }: Attempt): Promise<Outcome> {
    const command = new RunTaskCommand({
      ...runTaskInput(session, this.#plan),
      clientToken,
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: [...subnets],
          securityGroups: [securityGroupId, this.#plan.clientGroup],
          // There is no NAT: the image, the logs and the users all come over this address.
          assignPublicIp: 'ENABLED',
        },
      },
    });
    // True once the SDK has tried more than once: a try before the last answer may have run a task.
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
    const outcome = await untilKnown(this.#clock, groupUnknown, send)
      .then(outcomeOf)
      .catch((error: unknown): Outcome => {
        const taskArn = launchedBefore(error);
        if (taskArn !== undefined) return { taskArn };
        if (isOutageBehind(error)) return { failure: error.message };
        throw toDomainError(error, 'run the task', isUncertain);
      });
    // There may be a task after all, and a new token would run a second one.
    if ('failure' in outcome && isUncertain) throw noTask(outcome.failure, true);
    return outcome;
  }
}

const noTask = (failure: string, mayHaveHappened: boolean) =>
  new AwsUnavailable(`AWS could not run the task right now: ${failure || 'it gave no reason'}`, { mayHaveHappened });

/** RunTask answers 200 when Fargate has no capacity: https://repost.aws/knowledge-center/ecs-fargate-runtask-capacity */
function outcomeOf({ tasks = [], failures = [] }: RunTaskCommandOutput): Outcome {
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

function containerOverrides({ agent, latestEnd, sessionId }: Session): ContainerOverride[] {
  const ofEveryKind = [
    variable(taskEnv.sessionId, sessionId),
    variable(taskEnv.latestEnd, String(Math.floor(latestEnd / 1000))),
  ];
  const ofSshd =
    agent.kind === 'ssh'
      ? [
          agent.publicKey === undefined
            ? variable(taskEnv.pooled, 'true')
            : variable(taskEnv.authorizedKey, agent.publicKey),
          variable(taskEnv.port, String(agent.port)),
        ]
      : [];
  return [{ name: agent.kind, environment: [...ofEveryKind, ...ofSshd] }];
}

const variable = (name: string, value: string): KeyValuePair => ({ name, value });

/** The task that an earlier try of the same session has run, when ECS reports it by a conflict. */
function launchedBefore(error: unknown): string | undefined {
  if (!isNamed(error, 'ConflictException') || !(error instanceof Error) || !('resourceIds' in error)) return undefined;
  const [arn] = Array.isArray(error.resourceIds) ? error.resourceIds : [];
  return typeof arn === 'string' ? arn : undefined;
}
