/**
 * Reads what the synthesized template says about everything that runs here: functions, routes, schedules, rules, the table,
 * tasks and the network. The template is the only source: nothing of it is written down a second time.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { ContainerDefinition } from './aws/ecs/definitions.ts';
import { type Place, type Resource, Template } from './template.ts';

export interface Stack {
  readonly functions: readonly StackFunction[];
  readonly routes: readonly Route[];
  /** Per route, as the stage says. */
  readonly throttle: { readonly rateLimit: number; readonly burstLimit: number };
  readonly rules: readonly { name: string; pattern: unknown; targets: readonly string[] }[];
  readonly schedules: readonly { name: string; expression: string; target: string; input?: unknown }[];
  /** As for CreateTable. */
  readonly tables: readonly { readonly TableName: string }[];
  readonly queues: readonly { readonly name: string; readonly arn: string }[];
  readonly clusters: readonly string[];
  readonly taskDefinitions: readonly { family: string; containerDefinitions: readonly ContainerDefinition[] }[];
  readonly vpcs: readonly { vpcId: string; cidrBlock: string }[];
  readonly subnets: readonly { subnetId: string; vpcId: string; cidrBlock: string; availabilityZone: string }[];
}

export interface StackFunction {
  readonly logicalId: string;
  readonly name: string;
  /** Its place in the construct tree, for people: `Start`, `TaskStopped`. */
  readonly title: string;
  readonly bundle: string;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Of an asynchronous invocation. */
  readonly retries: number;
  readonly onFailureQueueArn?: string;
}

export interface Route {
  /** `POST /`. */
  readonly key: string;
  readonly functionArn: string;
  readonly isSigned: boolean;
}

/** Reads the stack that was synthesized into `directory`. Throws when something in it can't run here. */
export function readStack(directory: string, place: Place): Stack {
  const file = join(directory, `${place.stackName}.template.json`);
  return stackOf(new Template(JSON.parse(readFileSync(file, 'utf8')), place), directory);
}

function stackOf(template: Template, directory: string): Stack {
  const all = <T>(type: string, read: (resource: Resource) => T): T[] => template.resources(type).map(read);
  const stages = all('AWS::ApiGatewayV2::Stage', ({ properties }) => v.parse(stage, properties).DefaultRouteSettings);
  const integrations = new Map(
    all('AWS::ApiGatewayV2::Integration', ({ ref, properties }) => [ref, v.parse(integration, properties)]),
  );
  const asyncConfigs = all('AWS::Lambda::EventInvokeConfig', ({ properties }) =>
    v.parse(eventInvokeConfig, properties),
  );
  const [throttle] = stages;
  if (!throttle) throw new Error('The template has no API stage.');
  return {
    functions: all('AWS::Lambda::Function', (resource) => {
      const given = v.parse(lambdaFunction, resource.properties);
      const retry = asyncConfigs.find(({ FunctionName }) => FunctionName === resource.ref);
      const queue = retry?.DestinationConfig?.OnFailure.Destination;
      return {
        logicalId: resource.logicalId,
        name: resource.ref,
        title: titleOf(resource),
        bundle: bundleIn(directory, given.Code.S3Key),
        timeoutSeconds: given.Timeout,
        environment: given.Environment.Variables,
        retries: retry?.MaximumRetryAttempts ?? 2,
        ...(queue !== undefined && { onFailureQueueArn: queue }),
      };
    }),
    routes: all('AWS::ApiGatewayV2::Route', ({ properties }) => {
      const { RouteKey, Target, AuthorizationType } = v.parse(route, properties);
      const target = integrations.get(Target.replace('integrations/', ''));
      if (!target) throw new Error(`The route ${RouteKey} leads to ${Target}, which the template does not define.`);
      return { key: RouteKey, functionArn: target.IntegrationUri, isSigned: AuthorizationType === 'AWS_IAM' };
    }),
    throttle: { rateLimit: throttle.ThrottlingRateLimit, burstLimit: throttle.ThrottlingBurstLimit },
    rules: all('AWS::Events::Rule', ({ ref, properties }) => {
      const { EventPattern, Targets } = v.parse(rule, properties);
      return { name: ref, pattern: EventPattern, targets: Targets.map(({ Arn }) => Arn) };
    }),
    schedules: all('AWS::Scheduler::Schedule', ({ ref, properties }) => {
      const { ScheduleExpression, Target } = v.parse(schedule, properties);
      return {
        name: ref,
        expression: ScheduleExpression,
        target: Target.Arn,
        ...(Target.Input !== undefined && { input: Target.Input }),
      };
    }),
    tables: all('AWS::DynamoDB::Table', ({ ref, properties }) => ({ TableName: ref, ...v.parse(table, properties) })),
    queues: all('AWS::SQS::Queue', ({ logicalId, ref }) => ({
      name: ref.split('/').at(-1) ?? ref,
      arn: template.attribute(logicalId, 'Arn'),
    })),
    clusters: all('AWS::ECS::Cluster', ({ ref }) => ref),
    taskDefinitions: all('AWS::ECS::TaskDefinition', ({ properties }) => {
      const { Family, ContainerDefinitions } = v.parse(taskDefinition, properties);
      return { family: Family, containerDefinitions: ContainerDefinitions.map(containerOf) };
    }),
    vpcs: all('AWS::EC2::VPC', ({ ref, properties }) => ({
      vpcId: ref,
      cidrBlock: v.parse(vpc, properties).CidrBlock,
    })),
    subnets: all('AWS::EC2::Subnet', ({ ref, properties }) => {
      const { VpcId, CidrBlock, AvailabilityZone } = v.parse(subnet, properties);
      return { subnetId: ref, vpcId: VpcId, cidrBlock: CidrBlock, availabilityZone: AvailabilityZone };
    }),
  };
}

/** `Bastions/Functions/Start/Function/Resource` -> `Start`; CDK notes the path of each resource. */
function titleOf({ logicalId, metadata }: Resource): string {
  const path = metadata['aws:cdk:path'];
  return (typeof path === 'string' ? path.split('/').at(-3) : undefined) ?? logicalId;
}

/** The bundle of an asset, whose S3 key is the hash that names its folder. */
function bundleIn(directory: string, s3Key: string): string {
  const file = join(directory, `asset.${s3Key.replace(/\.zip$/, '')}`, 'index.mjs');
  if (!existsSync(file))
    throw new Error(`The template names the code ${s3Key}, expected it in ${file}. Synthesize again.`);
  return file;
}

const arn = v.string();
const stage = v.object({
  DefaultRouteSettings: v.object({ ThrottlingRateLimit: v.number(), ThrottlingBurstLimit: v.number() }),
});
const integration = v.object({ IntegrationUri: arn, PayloadFormatVersion: v.literal('2.0') });
const route = v.object({ RouteKey: v.string(), Target: v.string(), AuthorizationType: v.optional(v.string()) });
const lambdaFunction = v.object({
  Code: v.object({ S3Key: v.string() }),
  Handler: v.literal('index.handler'),
  Timeout: v.number(),
  Environment: v.optional(v.object({ Variables: v.record(v.string(), v.string()) }), { Variables: {} }),
});
const eventInvokeConfig = v.object({
  FunctionName: v.string(),
  MaximumRetryAttempts: v.number(),
  DestinationConfig: v.optional(v.object({ OnFailure: v.object({ Destination: arn }) })),
});
const rule = v.object({ EventPattern: v.unknown(), Targets: v.array(v.object({ Arn: arn })) });
const schedule = v.object({
  ScheduleExpression: v.string(),
  Target: v.object({ Arn: arn, Input: v.optional(v.pipe(v.string(), v.parseJson())) }),
});
/** What CreateTable knows of it; TTL, recovery and the like change nothing here. */
const table = v.object({
  KeySchema: v.array(v.unknown()),
  AttributeDefinitions: v.array(v.unknown()),
  BillingMode: v.string(),
  GlobalSecondaryIndexes: v.array(v.object({ IndexName: v.string(), KeySchema: v.unknown(), Projection: v.unknown() })),
});
const container = v.object({
  Name: v.string(),
  Image: v.string(),
  Essential: v.optional(v.boolean(), true),
  EntryPoint: v.optional(v.array(v.string())),
  Command: v.optional(v.array(v.string())),
  Environment: v.optional(v.array(v.object({ Name: v.string(), Value: v.string() })), []),
  DependsOn: v.optional(v.array(v.object({ ContainerName: v.string(), Condition: v.literal('START') })), []),
  StopTimeout: v.optional(v.number()),
});
const taskDefinition = v.object({ Family: v.string(), ContainerDefinitions: v.array(container) });
const vpc = v.object({ CidrBlock: v.string() });
const subnet = v.object({ VpcId: v.string(), CidrBlock: v.string(), AvailabilityZone: v.string() });

function containerOf(given: v.InferOutput<typeof container>): ContainerDefinition {
  const { EntryPoint, Command, StopTimeout } = given;
  return {
    name: given.Name,
    image: given.Image,
    essential: given.Essential,
    environment: given.Environment.map(({ Name, Value }) => ({ name: Name, value: Value })),
    dependsOn: given.DependsOn.map(({ ContainerName }) => ({ containerName: ContainerName, condition: 'START' })),
    ...(EntryPoint && { entryPoint: EntryPoint }),
    ...(Command && { command: Command }),
    ...(StopTimeout !== undefined && { stopTimeout: StopTimeout }),
  };
}
