import { join } from 'node:path';
import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { containers } from '../../contracts/agent.ts';
import type { ResolvedProps } from '../settings/rules.ts';
import { agentImage, runtimePlatform } from './agent-image.ts';
import { executionRole, taskRole } from './agent-roles.ts';

/**
 * The task definition of the `ssh` agent, with three containers.
 *
 * 1. `ssh` runs sshd.
 * 2. `ready` exits as soon as sshd greets.
 * 3. `up` starts then, so that ECS reports the task as running at once.
 */
export class SshdTask extends Construct {
  readonly taskDefinition: ecs.FargateTaskDefinition;
  readonly taskRole: iam.Role;
  readonly executionRole: iam.Role;

  constructor(scope: Construct, id: string, props: ResolvedProps) {
    super(scope, id);
    this.taskRole = taskRole(this, 'TaskRole', 'The role of a login on a bastion. It has no permission.');
    this.executionRole = executionRole(this, 'ExecutionRole', 'ssh');
    this.taskDefinition = new ecs.FargateTaskDefinition(this, 'TaskDefinition', {
      cpu: props.cpu,
      memoryLimitMiB: props.memoryMiB,
      runtimePlatform: runtimePlatform('ssh'),
      taskRole: this.taskRole,
      executionRole: this.executionRole,
    });
    const common = this.commonToContainers(props);
    const logging = this.log(props);
    const ssh = this.taskDefinition.addContainer(containers.ssh, {
      ...common,
      logging,
      essential: true,
      stopTimeout: Duration.seconds(30),
      // Allows sshd, a plain user without capabilities, to listen on a port below 1024. It holds for the network namespace of
      // the whole task.
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
    // ECS reports late that a container has ended if the state of its task stays. It reports at once that a task runs, together
    // with every container that has ended before (docs/decisions/0015).
    const up = this.taskDefinition.addContainer(containers.up, { ...common, essential: false, entryPoint: ['true'] });
    up.addContainerDependencies({ container: ready, condition: ecs.ContainerDependencyCondition.SUCCESS });
    Validations.of(this.taskDefinition).acknowledge({
      id: 'AwsSolutions-ECS7',
      reason:
        'The container `up` prints nothing, and ECS would make its log stream while a person waits. The other containers log.',
    });
  }

  /**
   * The root file system stays writable, because people copy files over a bastion. A plain user in an image without
   * set-uid programs can write to a home and to /tmp only. Both end with the task.
   */
  private commonToContainers(props: ResolvedProps) {
    const linuxParameters = new ecs.LinuxParameters(this, 'LinuxParameters', { initProcessEnabled: true });
    linuxParameters.dropCapabilities(ecs.Capability.ALL);
    return {
      image: agentImage(this, props, 'ssh', {
        directory: join(import.meta.dirname, '../../agent-image/ssh'),
        exclude: ['README.md'],
      }),
      user: props.sshLogin,
      linuxParameters,
    };
  }

  private log({ logRetention }: ResolvedProps) {
    return ecs.LogDrivers.awsLogs({
      streamPrefix: 'ssh',
      logGroup: new LogGroup(this, 'Log', { retention: logRetention, removalPolicy: RemovalPolicy.DESTROY }),
      // By default ECS loses lines rather than wait. These lines say who logged in, and they are few: a bastion that cannot
      // record a login should refuse it.
      // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html
      mode: ecs.AwsLogDriverMode.BLOCKING,
    });
  }
}
