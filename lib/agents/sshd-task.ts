import { join } from 'node:path';
import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { containers } from '../../contracts/agent.ts';
import type { Config } from '../settings/config.ts';
import { agentImage, runtimePlatform } from './agent-image.ts';
import { executionRole, taskRole } from './agent-roles.ts';

/** sshd in one container, beside it one that exits as soon as sshd greets, and one more that has ECS say so at once. */
export class SshdTask extends Construct {
  readonly taskDefinition: ecs.FargateTaskDefinition;
  readonly taskRole: iam.Role;
  readonly executionRole: iam.Role;
  readonly config: Config;

  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id);
    this.config = config;
    this.taskRole = taskRole(this, 'TaskRole', 'What whoever has logged in may do in AWS: nothing.');
    this.executionRole = executionRole(this, 'ExecutionRole', 'ssh');
    this.taskDefinition = new ecs.FargateTaskDefinition(this, 'TaskDefinition', {
      cpu: config.cpu,
      memoryLimitMiB: config.memoryMiB,
      runtimePlatform: runtimePlatform('ssh'),
      taskRole: this.taskRole,
      executionRole: this.executionRole,
    });
    const common = this.commonToContainers();
    const logging = this.log();
    const ssh = this.taskDefinition.addContainer(containers.ssh, {
      ...common,
      logging,
      essential: true,
      stopTimeout: Duration.seconds(30),
      // sshd runs as a plain user without capabilities, who otherwise could not listen on a port below 1024. The setting
      // holds for the network namespace of the whole task.
      // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_SystemControl.html
      systemControls: [{ namespace: 'net.ipv4.ip_unprivileged_port_start', value: '0' }],
    });
    const ready = this.taskDefinition.addContainer(containers.ready, {
      ...common,
      logging,
      essential: false,
      entryPoint: ['/agent/ready.sh'],
    });
    ready.addContainerDependencies({ container: ssh, condition: ecs.ContainerDependencyCondition.START });
    // The end of a container that changes nothing about its task is told late; that the task runs is told at once, together
    // with all that has ended before (docs/decisions/0015).
    const up = this.taskDefinition.addContainer(containers.up, { ...common, essential: false, entryPoint: ['true'] });
    up.addContainerDependencies({ container: ready, condition: ecs.ContainerDependencyCondition.SUCCESS });
    Validations.of(this.taskDefinition).acknowledge({
      id: 'AwsSolutions-ECS7',
      reason:
        'The container `up` says nothing, and its log stream would have to be made while a person waits; the others log.',
    });
  }

  /**
   * The root file system stays writable, because people copy files over a bastion. A plain user without capabilities, in
   * an image without set-uid programs, can write to a home and to /tmp only, and both end with the task.
   */
  private commonToContainers() {
    const linuxParameters = new ecs.LinuxParameters(this, 'LinuxParameters', { initProcessEnabled: true });
    linuxParameters.dropCapabilities(ecs.Capability.ALL);
    return {
      image: agentImage(this, this.config, 'ssh', { directory: join(import.meta.dirname, '../../agent-image/ssh') }),
      user: this.config.sshLogin,
      linuxParameters,
    };
  }

  private log() {
    return ecs.LogDrivers.awsLogs({
      streamPrefix: 'ssh',
      logGroup: new LogGroup(this, 'Log', {
        retention: this.config.logRetentionDays,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      // ECS would rather lose lines than wait. These say who logged in, and they are few: a bastion that cannot
      // record a login should not let one happen.
      // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html
      mode: ecs.AwsLogDriverMode.BLOCKING,
    });
  }
}
