import { Duration, Validations } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { type AgentKind, taskEnv } from '../../contracts/agent.ts';
import { accessRecord } from '../access-record.ts';
import type { Handoff } from '../data/handoff-table.ts';
import type { ResolvedProps } from '../settings/rules.ts';
import { agentImage, runtimePlatform } from './agent-image.ts';
import { executionRole, handoffVariables, taskRole } from './agent-roles.ts';

const kind: AgentKind = 'ssh';

export interface SshdTaskProps extends ResolvedProps {
  readonly handoff: Handoff;
}

/** The task definition of the `ssh` agent. Its one container runs sshd, and ends it at the session's latest end. */
export class SshdTask extends Construct {
  readonly taskDefinition: ecs.FargateTaskDefinition;
  readonly taskRole: iam.Role;
  readonly executionRole: iam.Role;

  constructor(scope: Construct, id: string, { handoff, ...props }: SshdTaskProps) {
    super(scope, id);
    this.taskRole = taskRole(this, 'TaskRole', 'Lets a bastion take its own handoff, and do nothing else in AWS.');
    handoff.grantTake(this.taskRole);
    this.executionRole = executionRole(this, 'ExecutionRole', kind);
    this.taskDefinition = new ecs.FargateTaskDefinition(this, 'TaskDefinition', {
      cpu: props.cpu,
      memoryLimitMiB: props.memoryMiB,
      runtimePlatform: runtimePlatform(kind),
      taskRole: this.taskRole,
      executionRole: this.executionRole,
    });
    this.taskDefinition.addContainer(kind, {
      image: agentImage(this, props, kind),
      environment: {
        ...handoff.taskEnvironment({ role: this.taskRole }),
        ...(props.idleEnd !== undefined && { [taskEnv.idleEnd]: String(props.idleEnd.toSeconds()) }),
      },
      linuxParameters: this.linuxParameters(),
      stopTimeout: Duration.seconds(30),
      logging: ecs.LogDrivers.awsLogs({
        streamPrefix: kind,
        logGroup: accessRecord(this, 'Log', props),
        // By default ECS loses lines rather than wait. These lines say who logged in, and they are few: a bastion that cannot
        // record a login should refuse it.
        // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html
        mode: ecs.AwsLogDriverMode.BLOCKING,
      }),
    });
    Validations.of(this.taskDefinition).acknowledge({ id: 'AwsSolutions-ECS2', reason: handoffVariables });
  }

  /**
   * sshd runs as root and gives each connection to an unprivileged user, as OpenSSH means it. It keeps the capabilities for that:
   * SETUID, SETGID, SYS_CHROOT, CHOWN, KILL, NET_BIND_SERVICE for port 22, and AUDIT_WRITE, without which it cuts off a login
   * with a terminal. A login has none of them. The root file system stays writable, because people copy files over a bastion.
   * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KernelCapabilities.html
   */
  private linuxParameters(): ecs.LinuxParameters {
    const linuxParameters = new ecs.LinuxParameters(this, 'LinuxParameters', { initProcessEnabled: true });
    linuxParameters.dropCapabilities(
      ecs.Capability.DAC_OVERRIDE,
      ecs.Capability.FOWNER,
      ecs.Capability.FSETID,
      ecs.Capability.MKNOD,
      ecs.Capability.NET_RAW,
      ecs.Capability.SETFCAP,
      ecs.Capability.SETPCAP,
    );
    return linuxParameters;
  }
}
