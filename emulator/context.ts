import type { Clock } from './clock.ts';
import { hex, type Random } from './random.ts';
import type { Interceptor } from './wire.ts';

/** How long AWS takes, in milliseconds. */
export interface Delays {
  /** A new task's network interface is being made. */
  readonly provisioningMs: number;
  /** The task waits for a place to run. */
  readonly pendingMs: number;
  /** Its images are being pulled. */
  readonly pullingMs: number;
  /** Its network interface is being removed, after its containers have ended. */
  readonly deprovisioningMs: number;
  /**
   * The agent tells ECS of a container's end together with the task's next change. When the end changes nothing about the task, it
   * collects: this long at most. https://github.com/aws/amazon-ecs-agent/pull/867, https://github.com/aws/amazon-ecs-agent/pull/1026
   */
  readonly reportingMs: number;
  /** How long what was just created stays unknown to other calls (eventual consistency). */
  readonly visibilityMs: number;
}

export const defaultDelays: Delays = {
  provisioningMs: 600,
  pendingMs: 200,
  pullingMs: 1200,
  deprovisioningMs: 1000,
  reportingMs: 20_000,
  visibilityMs: 0,
};

/** What every emulated service shares. */
export interface Context {
  readonly clock: Clock;
  readonly region: string;
  readonly accountId: string;
  readonly random: Random;
  readonly delays: Delays;
  /** Where tasks reach this emulation. */
  readonly endpoint: () => string;
  readonly intercept: Interceptor;
}

export function arn(context: Context, service: string, resource: string): string {
  return `arn:aws:${service}:${context.region}:${context.accountId}:${resource}`;
}

/** An id as EC2 makes them: `sg-0123456789abcdef0`. */
export function ec2Id(context: Context, prefix: string): string {
  return `${prefix}-0${hex(context.random, 16)}`;
}
