/** A session's agent as one Fargate task. */
import { DescribeNetworkInterfacesCommand, type EC2Client } from '@aws-sdk/client-ec2';
import {
  type Task as AwsTask,
  type ContainerOverride,
  DescribeTasksCommand,
  type ECSClient,
  type KeyValuePair,
  paginateListTasks,
  RunTaskCommand,
  StopTaskCommand,
} from '@aws-sdk/client-ecs';
import { AwsUnavailable, NotBuilt } from '../core/errors.ts';
import type { Clock, Task, Tasks } from '../core/ports.ts';
import type { Agent, Session } from '../core/session.ts';
import { detailOf } from '../core/task-detail.ts';
import { containers, tags, taskEnv } from '../names.ts';
import { attemptsOf, inOurWords, isNamed } from './aws-errors.ts';
import { groupUnknown, untilKnown } from './patience.ts';
import { tagsOf } from './tags.ts';

/** What RunTask needs beyond the session. Functions that only observe and stop tasks have none of it. */
export interface LaunchPlan {
  /** ARN by agent kind; those that the deployment builds. */
  readonly taskDefinitions: Readonly<Partial<Record<Agent['kind'], string>>>;
  readonly subnetIds: readonly string[];
  readonly stack: string;
}

export interface EcsTasksOptions {
  readonly ecs: ECSClient;
  readonly ec2: EC2Client;
  readonly cluster: string;
  readonly clock: Clock;
  readonly launch?: LaunchPlan;
}

interface Attempt {
  readonly subnets: readonly string[];
  readonly securityGroupId: string;
  /** The same token never runs two tasks, however often it is sent. */
  readonly clientToken: string;
}

interface Ran {
  readonly taskArn: string | undefined;
  /** AWS's reasons, when there is no task. */
  readonly failure: string;
}

/** All subnets together, then one by one; within the time that a start has. */
const mostPlaces = 4;
const betweenPlacesMs = 1000;

export class EcsTasks implements Tasks {
  readonly #options: EcsTasksOptions;

  constructor(options: EcsTasksOptions) {
    this.#options = options;
  }

  /**
   * Fargate's capacity differs between availability zones and moments, so a lack of it is answered by asking again: with a new
   * token, because a token that has failed keeps failing, and in one zone after the other.
   * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html
   */
  async run(session: Session, securityGroupId: string): Promise<string> {
    const { clock, launch } = this.#options;
    if (!launch) throw new Error('This function has no launch plan: only the start functions run tasks.');
    const places = [launch.subnetIds, ...launch.subnetIds.map((subnetId) => [subnetId])].slice(0, mostPlaces);
    let why = '';
    for (const [n, subnets] of places.entries()) {
      if (n > 0) await clock.sleep(betweenPlacesMs);
      const clientToken = n === 0 ? session.sessionId : `${session.sessionId}-${n}`;
      const { taskArn, failure } = await this.#runOnce(session, launch, { subnets, securityGroupId, clientToken });
      if (taskArn !== undefined) return taskArn;
      why = failure;
    }
    throw new AwsUnavailable(`AWS could not run the task right now: ${why || 'it gave no reason'}`);
  }

  async #runOnce(session: Session, launch: LaunchPlan, attempt: Attempt): Promise<Ran> {
    const { cluster, ecs, clock } = this.#options;
    const command = new RunTaskCommand({
      cluster,
      ...runTaskInput(session, launch),
      clientToken: attempt.clientToken,
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: [...attempt.subnets],
          securityGroups: [attempt.securityGroupId],
          // There is no NAT: the image, the logs and the users all come over this address.
          assignPublicIp: 'ENABLED',
        },
      },
    });
    // True once the SDK has tried more than once: what came before the last answer may have run a task.
    let isUncertain = false;
    const send = async () => {
      try {
        const output = await ecs.send(command);
        isUncertain ||= output.$metadata.attempts !== 1;
        return output;
      } catch (error) {
        isUncertain ||= attemptsOf(error) !== 1;
        throw error;
      }
    };
    try {
      const { tasks = [], failures = [] } = await untilKnown(clock, groupUnknown, send);
      const [task] = tasks;
      if (task?.taskArn !== undefined) return { taskArn: task.taskArn, failure: '' };
      // RunTask answers 200 when Fargate has no capacity: https://repost.aws/knowledge-center/ecs-fargate-runtask-capacity
      const reasons = failures.map(({ reason, detail }) => [reason, detail].filter(Boolean).join(': '));
      const failure = reasons.join('; ');
      if (!isUncertain) return { taskArn: undefined, failure };
      // There may be a task after all, and a new token would run a second one.
      throw new AwsUnavailable(`AWS could not run the task right now: ${failure}`, { mayHaveHappened: true });
    } catch (error) {
      const taskArn = launchedBefore(error);
      if (taskArn !== undefined) return { taskArn, failure: '' };
      throw inOurWords(error, 'run the task', isUncertain);
    }
  }

  async findRunning(sessionId: string): Promise<readonly string[]> {
    const arns: string[] = [];
    // startedBy must be the only filter: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
    const query = { cluster: this.#options.cluster, startedBy: sessionId };
    for await (const page of paginateListTasks({ client: this.#options.ecs }, query))
      arns.push(...(page.taskArns ?? []));
    return arns;
  }

  async describe(arn: string): Promise<Task> {
    const command = new DescribeTasksCommand({ cluster: this.#options.cluster, tasks: [arn], include: ['TAGS'] });
    const { tasks = [] } = await this.#options.ecs.send(command);
    const task = tasks.find(({ taskArn }) => taskArn === arn);
    return task ? toTask(arn, task) : { arn, phase: 'missing', isKept: false };
  }

  async stop(arn: string, why: string): Promise<void> {
    try {
      await this.#options.ecs.send(new StopTaskCommand({ cluster: this.#options.cluster, task: arn, reason: why }));
    } catch (error) {
      const forgotten = isNamed(error, 'InvalidParameterException') && /not found/i.test(String(error));
      if (!forgotten) throw error;
    }
  }

  async publicAddress(networkInterfaceId: string): Promise<string | undefined> {
    const command = new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [networkInterfaceId] });
    try {
      const { NetworkInterfaces = [] } = await this.#options.ec2.send(command);
      return NetworkInterfaces[0]?.Association?.PublicIp;
    } catch (error) {
      if (isNamed(error, 'InvalidNetworkInterfaceID.NotFound')) return undefined;
      throw error;
    }
  }
}

function runTaskInput(session: Session, launch: LaunchPlan) {
  const { agent, sessionId } = session;
  const taskDefinition = launch.taskDefinitions[agent.kind];
  if (taskDefinition === undefined) throw new NotBuilt(`This deployment has no ${agent.kind} agent.`);
  return {
    taskDefinition,
    launchType: 'FARGATE' as const,
    count: 1,
    startedBy: sessionId,
    tags: tagsOf(session, launch.stack, (key, value) => ({ key, value })),
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

function toTask(arn: string, task: AwsTask): Task {
  const details = task.attachments?.flatMap((attachment) => attachment.details ?? []) ?? [];
  const networkInterfaceId = details.find(({ name }) => name === 'networkInterfaceId')?.value;
  const detail = detailOf(task);
  return {
    arn,
    phase: phaseOf(task),
    isKept: task.tags?.some(({ key }) => key === tags.keep) ?? false,
    ...(networkInterfaceId !== undefined && { networkInterfaceId }),
    ...(detail !== undefined && { detail }),
  };
}

function phaseOf(task: AwsTask): Task['phase'] {
  if (task.lastStatus === 'STOPPED') return 'stopped';
  if (task.desiredStatus === 'STOPPED') return 'stopping';
  // By name: AWS may inject containers of its own. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
  const exitCode = task.containers?.find(({ name }) => name === containers.ready)?.exitCode;
  if (exitCode === undefined) return 'starting';
  return exitCode === 0 ? 'ready' : 'unready';
}
