import { join } from 'node:path';
import { Aws, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { containers, env, tags } from '../lambdas/names.ts';
import { acknowledgeWildcards, allow } from './allow.ts';
import type { Config } from './config.ts';

/** The cluster, and a task definition for each kind of agent that can run in it. */
export class Agents extends Construct {
  private readonly cluster: ecs.CfnCluster;
  private readonly ssh: SshAgent;

  constructor(scope: Construct, id: string, config: Config) {
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
    this.ssh = new SshAgent(this, 'Ssh', config);
  }

  /** To see how the sessions' tasks fare. */
  grantObserve(fn: lambda.Function): void {
    fn.addEnvironment(env.cluster, this.cluster.ref);
    this.allowOnTasks(fn, 'ecs:DescribeTasks');
  }

  /** To find, see and stop the sessions' tasks. */
  grantConverge(fn: lambda.Function): void {
    this.grantObserve(fn);
    this.allowOnTasks(fn, 'ecs:StopTask');
    allow(fn, {
      actions: ['ecs:ListTasks'],
      resources: ['*'],
      conditions: this.inCluster,
      // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
      wildcard:
        'ListTasks is authorized on container instances, which Fargate does not have; the condition names the cluster.',
    });
  }

  /** To run an `ssh` agent. */
  grantRunSsh(fn: lambda.Function): void {
    const { taskDefinition, taskRole, executionRole, config } = this.ssh;
    fn.addEnvironment(env.sshTaskDefinition, taskDefinition.taskDefinitionArn);
    fn.addEnvironment(env.sshPorts, config.sshPort);
    this.grantSshLogin(fn);
    allow(fn, {
      actions: ['ecs:RunTask'],
      resources: [this.arn('task-definition', `${taskDefinition.family}:*`)],
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
    allow(fn, {
      actions: ['iam:PassRole'],
      resources: [taskRole.roleArn, executionRole.roleArn],
      conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    });
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

  private allowOnTasks(fn: lambda.Function, action: string): void {
    allow(fn, {
      actions: [action],
      resources: [this.arn('task', `${this.cluster.ref}/*`)],
      conditions: this.inCluster,
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

/** sshd in one container, and beside it one that exits as soon as sshd greets. */
class SshAgent extends Construct {
  readonly taskDefinition: ecs.FargateTaskDefinition;
  readonly taskRole: iam.Role;
  readonly executionRole: iam.Role;
  readonly config: Config;

  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id);
    this.config = config;
    this.taskRole = new iam.Role(this, 'TaskRole', {
      description: 'What whoever has logged in may do in AWS: nothing.',
      // Another account's tasks must not be able to borrow the role either.
      // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
      assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com').withConditions({
        StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
        ArnLike: { 'aws:SourceArn': Stack.of(this).formatArn({ service: 'ecs', resource: '*' }) },
      }),
    });
    this.executionRole = new iam.Role(this, 'ExecutionRole', {
      description: 'Lets Fargate pull the ssh image and write its log; no container ever sees it.',
      assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com'),
    });
    acknowledgeWildcards(this.executionRole, ['*'], 'ecr:GetAuthorizationToken knows no resources.');

    this.taskDefinition = new ecs.FargateTaskDefinition(this, 'TaskDefinition', {
      cpu: config.cpu,
      memoryLimitMiB: config.memoryMiB,
      runtimePlatform: {
        cpuArchitecture: ecs.CpuArchitecture.ARM64,
        operatingSystemFamily: ecs.OperatingSystemFamily.LINUX,
      },
      taskRole: this.taskRole,
      executionRole: this.executionRole,
    });
    const common = this.commonToContainers();
    const ssh = this.taskDefinition.addContainer(containers.ssh, {
      ...common,
      essential: true,
      stopTimeout: Duration.seconds(30),
      // sshd runs as a plain user without capabilities, who otherwise could not listen on a port below 1024. The setting
      // holds for the network namespace of the whole task.
      // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_SystemControl.html
      systemControls: [{ namespace: 'net.ipv4.ip_unprivileged_port_start', value: '0' }],
    });
    const ready = this.taskDefinition.addContainer(containers.ready, {
      ...common,
      essential: false,
      entryPoint: ['/agent/ready.sh'],
    });
    ready.addContainerDependencies({ container: ssh, condition: ecs.ContainerDependencyCondition.START });
  }

  /**
   * The root file system stays writable, because people copy files over a bastion. A plain user without capabilities, in
   * an image without set-uid programs, can write to a home and to /tmp only, and both end with the task.
   */
  private commonToContainers() {
    const linuxParameters = new ecs.LinuxParameters(this, 'LinuxParameters', { initProcessEnabled: true });
    linuxParameters.dropCapabilities(ecs.Capability.ALL);
    return {
      image: this.image(),
      user: this.config.sshLogin,
      linuxParameters,
      logging: ecs.LogDrivers.awsLogs({
        streamPrefix: 'ssh',
        logGroup: new LogGroup(this, 'Log', {
          retention: this.config.logRetentionDays,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        // ECS would rather lose lines than wait. These say who logged in, and they are few: a bastion that cannot
        // record a login should not let one happen.
        // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html
        mode: ecs.AwsLogDriverMode.BLOCKING,
      }),
    };
  }

  private image(): ecs.ContainerImage {
    const { sshImage, sshBaseImage } = this.config;
    if (sshImage === undefined) {
      return ecs.ContainerImage.fromAsset(join(import.meta.dirname, '../agent-image/ssh'), {
        platform: Platform.LINUX_ARM64,
        ...(sshBaseImage === undefined ? {} : { buildArgs: { BASE_IMAGE: sshBaseImage } }),
      });
    }
    const ecr =
      /^(?<account>\d{12})\.dkr\.ecr\.(?<region>[a-z0-9-]+)\.[a-z.]+\/(?<name>[^:@]+)(:(?<tag>[^@]+))?(@(?<digest>.+))?$/;
    const { account, region, name, tag, digest } = ecr.exec(sshImage)?.groups ?? {};
    if (account === undefined || region === undefined || name === undefined) {
      return ecs.ContainerImage.fromRegistry(sshImage);
    }
    // A private repository needs leave to pull from it.
    const repository = Repository.fromRepositoryAttributes(this, 'Repository', {
      repositoryName: name,
      repositoryArn: Stack.of(this).formatArn({
        service: 'ecr',
        account,
        region,
        resource: 'repository',
        resourceName: name,
      }),
    });
    return ecs.ContainerImage.fromEcrRepository(repository, digest ?? tag);
  }
}
