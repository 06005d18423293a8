import type { Clock } from './clock.ts';
import { hex, type Random } from './random.ts';
import type { Interceptor } from './wire.ts';

/** The times that AWS takes, in milliseconds. */
export interface Delays {
  /** The time in which a new task gets its network interface: PROVISIONING. */
  readonly provisioningMs: number;
  /** The time that a task waits for a place to run: PENDING. */
  readonly pendingMs: number;
  /** The time in which the images of a task are pulled: ACTIVATING. */
  readonly pullingMs: number;
  /** The time from the end of the containers to the deletion of the network interface: DEPROVISIONING. */
  readonly deprovisioningMs: number;
  /**
   * The time until ECS reports the end of a container that does not change its task. Fargate's agent collects such ends, and
   * reports them earlier if the task changes.
   * https://github.com/aws/amazon-ecs-agent/pull/867, https://github.com/aws/amazon-ecs-agent/pull/1026
   */
  readonly reportingMs: number;
  /** The time for which a new security group or task is unknown to other calls: eventual consistency. */
  readonly visibilityMs: number;
  /**
   * The time for which DescribeSecurityGroups shows a group's rules as they were before a change.
   * https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
   */
  readonly rulesVisibleMs: number;
  /** The time until Lambda reads a change from the stream of a table. */
  readonly streamMs: number;
}

/** The delays of a quick AWS: a task is RUNNING after two seconds. */
export const defaultDelays: Delays = {
  provisioningMs: 600,
  pendingMs: 200,
  pullingMs: 1200,
  deprovisioningMs: 1000,
  reportingMs: 20_000,
  visibilityMs: 0,
  rulesVisibleMs: 0,
  streamMs: 250,
};

/** The parts of the account that every emulated service shares. */
export interface Context {
  readonly clock: Clock;
  readonly region: string;
  readonly accountId: string;
  readonly random: Random;
  readonly delays: Delays;
  /** Returns the URL at which tasks reach this account. */
  readonly endpoint: () => string;
  readonly intercept: Interceptor;
}

/** Returns the ARN of a resource: `arn:aws:ecs:us-east-1:000000000000:cluster/one`. */
export function arn(context: Context, service: string, resource: string): string {
  return `arn:aws:${service}:${context.region}:${context.accountId}:${resource}`;
}

/** Generates an id in EC2's form: `sg-0123456789abcdef0`. */
export function ec2Id(context: Context, prefix: string): string {
  return `${prefix}-0${hex(context.random, 16)}`;
}
