/** Makes the stack's resources in the emulated AWS, as CloudFormation would. */
import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import type { EmulatedAws } from '../../emulator/aws.ts';
import type { InvocationContext } from '../../emulator/lambda/lambda.ts';
import type { Stack, StackFunction } from './stack.ts';

/** Runs one event of a function. */
export type Invoke = (event: unknown, context: InvocationContext) => Promise<unknown>;

/** Makes everything but the schedules, which `startSchedules` makes. */
export async function deploy(aws: EmulatedAws, stack: Stack, runner: (fn: StackFunction) => Invoke): Promise<void> {
  aws.cloudformation.putStack(stack);
  for (const vpc of stack.vpcs) aws.ec2.addVpc(vpc);
  for (const subnet of stack.subnets) aws.ec2.addSubnet(subnet);
  for (const group of stack.securityGroups) aws.ec2.groups.create({ ...group, tags: new Map() });
  for (const cluster of stack.clusters) aws.ecs.registerCluster(cluster);
  for (const role of stack.taskRoles) aws.iam.putRole(role);
  for (const secret of stack.secrets) aws.secrets.createSecret(secret);
  for (const definition of stack.taskDefinitions) aws.ecs.registerTaskDefinition(definition);
  const queueUrls = new Map(stack.queues.map(({ name, arn }) => [arn, aws.sqs.createQueue(name).url]));
  for (const fn of stack.functions) {
    const onFailureQueueUrl = queueUrls.get(fn.onFailureQueueArn ?? '');
    aws.lambda.registerFunction({
      name: fn.name,
      accessKeyId: accessKeyOf(fn),
      timeoutSeconds: fn.timeoutSeconds,
      retries: fn.retries,
      invoke: runner(fn),
      ...(onFailureQueueUrl !== undefined && { onFailureQueueUrl }),
    });
  }
  for (const topic of stack.topics) aws.sns.putTopic(topic);
  for (const rule of stack.rules) aws.events.putRule(rule);
  for (const table of stack.tables) aws.dynamodb.createTable(table);
  for (const { tableName, attribute } of stack.timesToLive) aws.dynamodb.setTimeToLive(tableName, attribute);
  for (const mapping of stack.eventSources) aws.eventSources.putMapping(mapping);
}

export function startSchedules(aws: EmulatedAws, stack: Stack): void {
  for (const schedule of stack.schedules) aws.scheduler.putSchedule(schedule);
}

/** A function's environment with the variables that Lambda adds, as far as the SDK, the logger and the functions read them. */
export function lambdaEnvironment(fn: StackFunction, aws: EmulatedAws, endpoint: string): Record<string, string> {
  return {
    ...fn.environment,
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    LAMBDA_TASK_ROOT: dirname(fn.bundle),
    AWS_REGION: aws.region,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyOf(fn),
    AWS_SECRET_ACCESS_KEY: 'not-checked-here',
    TZ: ':UTC',
  };
}

/**
 * The key that a function signs with, in the form of a role's key. Each has its own, so that the emulated AWS knows the caller.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
 */
export function accessKeyOf(fn: StackFunction): string {
  return `ASIA${createHash('sha256').update(fn.logicalId).digest('hex').slice(0, 16).toUpperCase()}`;
}
