import { Stack, Validations } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { tags } from '../../contracts/account.ts';
import { webhookAgents } from '../../contracts/agent.ts';
import { env } from '../../contracts/stack.ts';
import type { Handoff } from '../data/handoff-table.ts';
import { allow, notKept, type Permission } from '../functions/permissions.ts';
import type { Config } from '../settings/config.ts';
import { SshdTask } from './sshd-task.ts';
import { TargetTask } from './target-task.ts';

export interface AgentsProps {
  readonly config: Config;
  readonly handoff: Handoff;
}

/** The cluster, and a task definition for each kind of agent that can run in it. */
export class Agents extends Construct {
  private readonly cluster: ecs.CfnCluster;
  private readonly ssh: SshdTask;
  private readonly webhook: readonly TargetTask[];

  constructor(scope: Construct, id: string, { config, handoff }: AgentsProps) {
    super(scope, id);
    // The L2 cluster wants a VPC, and makes a whole one when it gets none; a Fargate task brings its own subnets.
    this.cluster = new ecs.CfnCluster(this, 'Cluster', {
      clusterSettings: [{ name: 'containerInsights', value: 'disabled' }],
    });
    Validations.of(this.cluster).acknowledge({
      id: 'AwsSolutions-ECS4',
      reason:
        'Container Insights is billed by custom metrics and log lines; the functions’ metrics and the agents’ log tell how bastions fare.',
    });
    this.ssh = new SshdTask(this, 'Ssh', config);
    this.webhook = webhookAgents
      .filter((kind) => config.agents.includes(kind))
      .map((kind) => new TargetTask(this, webhookAgentIds[kind], { kind, config, handoff }));
  }

  /** Whether there is anything that a webhook could start. */
  get haveWebhooks(): boolean {
    return this.webhook.length > 0;
  }

  /** To find the sessions' tasks and see how they fare. */
  grantObserve(fn: lambda.Function): void {
    fn.addEnvironment(env.cluster, this.cluster.ref);
    this.allowOnTasks(fn, 'ecs:DescribeTasks');
    allow(fn, {
      actions: ['ecs:ListTasks'],
      resources: ['*'],
      conditions: this.inCluster,
      // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
      wildcard:
        'ListTasks is authorized on container instances, which Fargate does not have; the condition names the cluster.',
    });
  }

  /** To find, see and stop the sessions' tasks. */
  grantConverge(fn: lambda.Function): void {
    this.grantObserve(fn);
    // StopTask takes a task's tags away, and may have to be asked for again: so no tag is as good as ours.
    // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html
    const notAnothers = { StringEqualsIfExists: { [`aws:ResourceTag/${tags.stack}`]: Stack.of(this).stackName } };
    this.allowOnTasks(fn, 'ecs:StopTask', { ...notAnothers, ...notKept });
  }

  /** To run an `ssh` agent. */
  grantRunSsh(fn: lambda.Function): void {
    fn.addEnvironment(env.sshTaskDefinition, this.ssh.taskDefinition.taskDefinitionArn);
    fn.addEnvironment(env.sshPorts, this.ssh.config.sshPort);
    this.grantSshLogin(fn);
    this.allowRun(fn, [this.ssh]);
  }

  /** To run the agents that webhooks ask for. */
  grantRunWebhookAgents(fn: lambda.Function): void {
    const definitions = this.webhook.map(({ kind, taskDefinition }) => `${kind}=${taskDefinition.taskDefinitionArn}`);
    fn.addEnvironment(env.agentTaskDefinitions, definitions.join(','));
    this.allowRun(fn, this.webhook);
  }

  /** To tell users how to log in. */
  grantSshLogin(fn: lambda.Function): void {
    fn.addEnvironment(env.sshLogin, this.ssh.config.sshLogin);
  }

  /** To see whether the cluster answers. */
  grantHealth(fn: lambda.Function): void {
    fn.addEnvironment(env.cluster, this.cluster.ref);
    allow(fn, { actions: ['ecs:DescribeClusters'], resources: [this.cluster.attrArn] });
  }

  get clusterArn(): string {
    return this.cluster.attrArn;
  }

  private allowRun(fn: lambda.Function, agents: readonly Agent[]): void {
    allow(fn, {
      actions: ['ecs:RunTask'],
      resources: agents.map(({ taskDefinition }) => this.arn('task-definition', `${taskDefinition.family}:*`)),
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
      wildcard: 'Tags are given while the task is made, before its id is known, and at no other time.',
    });
    const roles = agents.flatMap(({ taskRole, executionRole }) => [taskRole.roleArn, executionRole.roleArn]);
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
      wildcard: 'ECS draws the id of a task; only tasks of this cluster match.',
    });
  }

  private get inCluster() {
    return { ArnEquals: { 'ecs:cluster': this.cluster.attrArn } };
  }

  private arn(resource: string, resourceName: string): string {
    return Stack.of(this).formatArn({ service: 'ecs', resource, resourceName });
  }
}

/** What it takes to run one. */
interface Agent {
  readonly taskDefinition: ecs.FargateTaskDefinition;
  readonly taskRole: iam.Role;
  readonly executionRole: iam.Role;
}

const webhookAgentIds = { ssm: 'Ssm', 'bzero-ssm': 'BzeroSsm', bzero: 'Bzero' };
