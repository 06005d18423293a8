import { Stack, Validations } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { tags } from '../../contracts/account.ts';
import { webhookAgents } from '../../contracts/agent.ts';
import type { TaskSize } from '../../contracts/prices.ts';
import { env } from '../../contracts/stack.ts';
import type { Handoff, HandoffSide } from '../data/handoff-table.ts';
import { allow, notKept, ownerTagAlone, type Permission } from '../functions/permissions.ts';
import type { ResolvedProps } from '../settings/rules.ts';
import { textOf } from '../settings/text.ts';
import { SshdTask } from './sshd-task.ts';
import { TargetTask } from './target-task.ts';

export interface AgentsProps extends ResolvedProps {
  readonly handoff: Handoff;
}

/** The cluster, and a task definition for each kind of agent that can run in it. */
export class Agents extends Construct {
  /** The tasks of people's bastions. */
  readonly bastions: HandoffSide;
  private readonly cluster: ecs.CfnCluster;
  private readonly sshd: SshdTask;
  private readonly targets: readonly TargetTask[];
  private readonly sshPort: string;
  private readonly sshLogin: string;
  private readonly size: TaskSize;

  constructor(scope: Construct, id: string, props: AgentsProps) {
    super(scope, id);
    this.sshPort = textOf(props.sshPort);
    this.sshLogin = props.sshLogin;
    this.size = { cpu: props.cpu, memoryMiB: props.memoryMiB };
    // The L2 cluster makes a whole VPC when it gets none. It needs none here: RunTask names the subnets of each task.
    this.cluster = new ecs.CfnCluster(this, 'Cluster', {
      clusterSettings: [{ name: 'containerInsights', value: 'disabled' }],
    });
    Validations.of(this.cluster).acknowledge({
      id: 'AwsSolutions-ECS4',
      reason:
        'Container Insights is billed by custom metrics and log lines. The functions’ metrics and the agents’ log tell the same.',
    });
    this.sshd = new SshdTask(this, 'Ssh', props);
    this.bastions = { role: this.sshd.taskRole, variable: env.sshRoleId };
    this.targets = webhookAgents
      .filter((kind) => props.agents.includes(kind))
      .map((kind) => new TargetTask(this, targetIds[kind], { ...props, kind }));
  }

  /** Whether there is a kind that a webhook can start. */
  get haveWebhooks(): boolean {
    return this.targets.length > 0;
  }

  /** Permission to list and describe the tasks of this cluster. */
  grantObserve(fn: lambda.Function): void {
    fn.addEnvironment(env.cluster, this.cluster.ref);
    this.allowOnTasks(fn, 'ecs:DescribeTasks');
    allow(fn, {
      actions: ['ecs:ListTasks'],
      resources: ['*'],
      conditions: this.inCluster,
      // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
      wildcard:
        'ListTasks is authorized on container instances, which Fargate does not have. The condition names the cluster.',
    });
  }

  /** Permission to list, describe and stop the sessions' tasks. */
  grantConverge(fn: lambda.Function): void {
    this.grantObserve(fn);
    // StopTask takes a task's tags away, and a function may have to call it again. So a task without the tag counts as ours.
    // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html
    const ofNoOtherStack = { StringEqualsIfExists: { [`aws:ResourceTag/${tags.stack}`]: Stack.of(this).stackName } };
    this.allowOnTasks(fn, 'ecs:StopTask', { ...ofNoOtherStack, ...notKept });
  }

  /** Permission to run tasks of the `ssh` agent. */
  grantRunSshd(fn: lambda.Function): void {
    this.setSshTaskDefinition(fn);
    this.setSshPorts(fn);
    this.allowRun(fn, [this.sshd]);
  }

  /** Permission to run tasks of the agents that webhooks start. */
  grantRunTargets(fn: lambda.Function): void {
    const definitions = this.targets.map(({ kind, taskDefinition }) => `${kind}=${taskDefinition.taskDefinitionArn}`);
    fn.addEnvironment(env.agentTaskDefinitions, definitions.join(','));
    this.allowRun(fn, this.targets);
  }

  /** Permission to name the owner of a task that ran before it had one, and to set no other tag. */
  grantTagOwners(fn: lambda.Function): void {
    // ECS has no condition on the cluster for this action. The task's ARN names it.
    // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
    allow(fn, {
      actions: ['ecs:TagResource'],
      resources: [this.arn('task', `${this.cluster.ref}/*`)],
      conditions: ownerTagAlone(this),
      wildcard: 'ECS generates the id of a task. Only tasks of this cluster match.',
    });
  }

  /** Tells a function the task definition of bastions that start now. */
  setSshTaskDefinition(fn: lambda.Function): void {
    fn.addEnvironment(env.sshTaskDefinition, this.sshd.taskDefinition.taskDefinitionArn);
  }

  /** Tells a function the ports that it may open. */
  setSshPorts(fn: lambda.Function): void {
    fn.addEnvironment(env.sshPorts, this.sshPort);
  }

  /** Tells a function the login that its replies name. */
  setSshLogin(fn: lambda.Function): void {
    fn.addEnvironment(env.sshLogin, this.sshLogin);
  }

  /** Tells a function the size of the tasks whose cost its replies name. */
  setTaskSize(fn: lambda.Function): void {
    fn.addEnvironment(env.taskCpu, String(this.size.cpu));
    fn.addEnvironment(env.taskMemory, String(this.size.memoryMiB));
  }

  /** Permission to see whether the cluster answers. */
  grantHealthCheck(fn: lambda.Function): void {
    fn.addEnvironment(env.cluster, this.cluster.ref);
    allow(fn, { actions: ['ecs:DescribeClusters'], resources: [this.cluster.attrArn] });
  }

  get clusterArn(): string {
    return this.cluster.attrArn;
  }

  private allowRun(fn: lambda.Function, tasks: readonly RunnableTask[]): void {
    allow(fn, {
      actions: ['ecs:RunTask'],
      resources: tasks.map(({ taskDefinition }) => this.arn('task-definition', `${taskDefinition.family}:*`)),
      conditions: {
        ...this.inCluster,
        StringEquals: { [`aws:RequestTag/${tags.stack}`]: Stack.of(this).stackName },
      },
      wildcard: 'While a deployment replaces the task definition, running functions still name its former revision.',
    });
    // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html
    allow(fn, {
      actions: ['ecs:TagResource'],
      resources: [this.arn('task', `${this.cluster.ref}/*`)],
      conditions: { StringEquals: { 'ecs:CreateAction': 'RunTask' } },
      wildcard: 'RunTask sets the tags of a task before its id is known. The condition excludes every other time.',
    });
    const roles = tasks.flatMap(({ taskRole, executionRole }) => [taskRole.roleArn, executionRole.roleArn]);
    allow(fn, {
      actions: ['iam:PassRole'],
      resources: [...new Set(roles)],
      conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    });
  }

  private allowOnTasks(fn: lambda.Function, action: string, conditions: Permission['conditions'] = {}): void {
    allow(fn, {
      actions: [action],
      resources: [this.arn('task', `${this.cluster.ref}/*`)],
      conditions: { ...this.inCluster, ...conditions },
      wildcard: 'ECS generates the id of a task. Only tasks of this cluster match.',
    });
  }

  private get inCluster() {
    return { ArnEquals: { 'ecs:cluster': this.cluster.attrArn } };
  }

  private arn(resource: string, resourceName: string): string {
    return Stack.of(this).formatArn({ service: 'ecs', resource, resourceName });
  }
}

/** A task definition, and the roles that RunTask passes. */
interface RunnableTask {
  readonly taskDefinition: ecs.FargateTaskDefinition;
  readonly taskRole: iam.Role;
  readonly executionRole: iam.Role;
}

const targetIds = { ssm: 'Ssm', 'bzero-ssm': 'BzeroSsm', bzero: 'Bzero' };
