import { Duration, Validations } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { WebhookAgentKind } from '../../contracts/agent.ts';
import { accessRecord } from '../access-record.ts';
import type { Handoff } from '../data/handoff-table.ts';
import type { ResolvedProps } from '../settings/rules.ts';
import { agentImage, runtimePlatform } from './agent-image.ts';
import { executionRole, handoffVariables } from './agent-roles.ts';

export interface TargetTaskProps extends ResolvedProps {
  readonly kind: WebhookAgentKind;
  readonly handoff: Handoff;
}

/** The task definition of a vendor's agent, with one container. The agent registers with its service and dials out. */
export class TargetTask extends Construct {
  readonly kind: WebhookAgentKind;
  readonly taskDefinition: ecs.FargateTaskDefinition;
  readonly taskRole: iam.Role;
  readonly executionRole: iam.Role;

  constructor(scope: Construct, id: string, { kind, handoff, ...props }: TargetTaskProps) {
    super(scope, id);
    this.kind = kind;
    this.taskRole = handoff.targets.role;
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
      entryPoint: [`/agent/target/${kind}/entrypoint.sh`],
      environment: handoff.taskEnvironment({ role: this.taskRole }),
      linuxParameters: this.linuxParameters(),
      stopTimeout: Duration.seconds(15),
      logging: ecs.LogDrivers.awsLogs({
        streamPrefix: kind,
        logGroup: accessRecord(this, 'Log', props),
      }),
    });
    Validations.of(this.taskDefinition).acknowledge({
      id: 'AwsSolutions-ECS2',
      reason: handoffVariables,
    });
  }

  /**
   * The vendors' agents run as root: they register the machine, and open each session as the user it is for. That takes
   * the capabilities to change users and to own, read and signal what is theirs. The container drops all others.
   * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KernelCapabilities.html
   */
  private linuxParameters(): ecs.LinuxParameters {
    const linuxParameters = new ecs.LinuxParameters(this, 'LinuxParameters', { initProcessEnabled: true });
    linuxParameters.dropCapabilities(
      ecs.Capability.FSETID,
      ecs.Capability.MKNOD,
      ecs.Capability.NET_BIND_SERVICE,
      ecs.Capability.NET_RAW,
      ecs.Capability.SETFCAP,
      ecs.Capability.SETPCAP,
      ecs.Capability.SYS_CHROOT,
    );
    return linuxParameters;
  }
}
