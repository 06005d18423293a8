/**
 * Reads everything that runs here out of the synthesized template: functions, routes, schedules, rules, tables, tasks and the
 * network. The template is the only source.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { StackOutput, StackResource } from '../../emulator/cloudformation.ts';
import type { TaskDefinition } from '../../emulator/ecs/definitions.ts';
import type { Rule } from '../../emulator/events/event-bridge.ts';
import type { EventSourceMapping } from '../../emulator/lambda/event-source-mapping.ts';
import { generateSecret } from './generated-secret.ts';
import * as schemas from './resource-schemas.ts';
import { taskDefinitionOf } from './task-definition.ts';
import { type TaskRole, taskRoles } from './task-roles.ts';
import { type DeployedNames, type Place, type Resource, Template } from './template.ts';

export interface Stack {
  readonly name: string;
  readonly outputs: readonly StackOutput[];
  readonly resources: readonly StackResource[];
  readonly functions: readonly StackFunction[];
  readonly routes: readonly Route[];
  /** The stage's limits for each route: requests per second, and requests at once. */
  readonly throttle: { readonly rateLimit: number; readonly burstLimit: number };
  readonly rules: readonly Rule[];
  readonly schedules: readonly { name: string; expression: string; target: string; input?: unknown }[];
  readonly eventSources: readonly EventSourceMapping[];
  /** Each is an input of CreateTable. */
  readonly tables: readonly { readonly TableName: string }[];
  /** The attributes with the time to live, by table. */
  readonly timesToLive: readonly { readonly tableName: string; readonly attribute: string }[];
  /** ARNs of the SNS topics that rules tell. */
  readonly topics: readonly string[];
  readonly queues: readonly { readonly name: string; readonly arn: string }[];
  readonly clusters: readonly string[];
  readonly taskDefinitions: readonly TaskDefinition[];
  /** The roles of tasks, with their policies. */
  readonly taskRoles: readonly TaskRole[];
  /** Each value is generated for this run. */
  readonly secrets: readonly { readonly name: string; readonly arn: string; readonly value: string }[];
  readonly vpcs: readonly { vpcId: string; cidrBlock: string }[];
  readonly securityGroups: readonly { id: string; name: string; description: string; vpcId: string }[];
  readonly subnets: readonly { subnetId: string; vpcId: string; cidrBlock: string; availabilityZone: string }[];
}

export interface StackFunction {
  readonly logicalId: string;
  readonly name: string;
  /** The name of its construct, for people: `Start`, `TaskStopped`. */
  readonly title: string;
  readonly bundle: string;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  /** The retries of an asynchronous invocation. */
  readonly retries: number;
  readonly onFailureQueueArn?: string;
}

export interface Route {
  /** Method and path: `POST /`. */
  readonly key: string;
  readonly functionArn: string;
  /** Who checks the caller before the function runs. Undefined on a route that is open to everybody. */
  readonly authorizer?: Authorizer;
}

export type Authorizer = { readonly kind: 'iam' } | JwtAuthorizer;

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html */
export interface JwtAuthorizer {
  readonly kind: 'jwt';
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** The scopes of which a token must have one. Empty when the route requires none. */
  readonly scopes: readonly string[];
}

/**
 * Reads the stack that was synthesized into `directory`, under the names of the local run or of a deployed stack. Throws a
 * sentence when a resource can't run here.
 */
export function readStack(directory: string, place: Place, names?: DeployedNames): Stack {
  const template = readTemplate(directory, place, names);
  const [outputs, resources] = [template.outputs(), template.listed()];
  return { name: place.stackName, outputs, resources, ...resourcesOf(template, directory) };
}

export function readTemplate(directory: string, place: Place, names?: DeployedNames): Template {
  const file = join(directory, `${place.stackName}.template.json`);
  return new Template(JSON.parse(readFileSync(file, 'utf8')), place, names);
}

function resourcesOf(template: Template, directory: string): Omit<Stack, 'name' | 'outputs' | 'resources'> {
  const all = <T>(type: string, read: (resource: Resource) => T): T[] => template.resources(type).map(read);
  const stages = all(
    'AWS::ApiGatewayV2::Stage',
    ({ properties }) => v.parse(schemas.stage, properties).DefaultRouteSettings,
  );
  const integrations = new Map(
    all('AWS::ApiGatewayV2::Integration', ({ ref, properties }) => [ref, v.parse(schemas.integration, properties)]),
  );
  const authorizers = new Map(
    all('AWS::ApiGatewayV2::Authorizer', ({ ref, properties }) => [ref, v.parse(schemas.authorizer, properties)]),
  );
  const asyncConfigs = all('AWS::Lambda::EventInvokeConfig', ({ properties }) =>
    v.parse(schemas.eventInvokeConfig, properties),
  );
  const rules = all('AWS::Events::Rule', ({ ref, properties }) => {
    const { EventPattern, Targets } = v.parse(schemas.rule, properties);
    return {
      name: ref,
      pattern: EventPattern,
      targets: Targets.map(({ Arn, InputPath }) => ({
        arn: Arn,
        ...(InputPath !== undefined && { inputPath: InputPath }),
      })),
    };
  });
  const [throttle] = stages;
  if (!throttle) throw new Error('The template has no API stage.');
  return {
    functions: all('AWS::Lambda::Function', (resource) => {
      const properties = v.parse(schemas.lambdaFunction, resource.properties);
      const retry = asyncConfigs.find(({ FunctionName }) => FunctionName === resource.ref);
      const queue = retry?.DestinationConfig?.OnFailure.Destination;
      return {
        logicalId: resource.logicalId,
        name: resource.ref,
        title: titleOf(resource),
        bundle: bundleIn(directory, properties.Code.S3Key),
        timeoutSeconds: properties.Timeout,
        environment: properties.Environment.Variables,
        retries: retry?.MaximumRetryAttempts ?? 2,
        ...(queue !== undefined && { onFailureQueueArn: queue }),
      };
    }),
    routes: all('AWS::ApiGatewayV2::Route', ({ properties }) => {
      const route = v.parse(schemas.route, properties);
      const { RouteKey, Target } = route;
      const target = integrations.get(Target.replace('integrations/', ''));
      if (!target) throw new Error(`The route ${RouteKey} leads to ${Target}, which the template does not define.`);
      const authorizer = authorizerOf(route, authorizers);
      return { key: RouteKey, functionArn: target.IntegrationUri, ...(authorizer && { authorizer }) };
    }),
    throttle: { rateLimit: throttle.ThrottlingRateLimit, burstLimit: throttle.ThrottlingBurstLimit },
    rules,
    schedules: all('AWS::Scheduler::Schedule', ({ ref, properties }) => {
      const { ScheduleExpression, Target } = v.parse(schemas.schedule, properties);
      return {
        name: ref,
        expression: ScheduleExpression,
        target: Target.Arn,
        ...(Target.Input !== undefined && { input: Target.Input }),
      };
    }),
    eventSources: all('AWS::Lambda::EventSourceMapping', ({ ref, properties }) => {
      const { EventSourceArn, FunctionName, BatchSize, FilterCriteria } = v.parse(schemas.eventSource, properties);
      return {
        name: ref,
        streamArn: EventSourceArn,
        functionName: FunctionName,
        batchSize: BatchSize,
        patterns: FilterCriteria.Filters.map(({ Pattern }) => Pattern),
      };
    }),
    tables: all('AWS::DynamoDB::Table', ({ ref, properties }) => {
      const { StreamSpecification: stream, TimeToLiveSpecification: _, ...table } = v.parse(schemas.table, properties);
      return {
        TableName: ref,
        ...table,
        ...(stream && { StreamSpecification: { StreamEnabled: true, ...stream } }),
      };
    }),
    timesToLive: all('AWS::DynamoDB::Table', ({ ref, properties }) => {
      const { TimeToLiveSpecification: timeToLive } = v.parse(schemas.table, properties);
      return timeToLive === undefined ? [] : [{ tableName: ref, attribute: timeToLive.AttributeName }];
    }).flat(),
    topics: [...new Set(rules.flatMap(({ targets }) => targets.map(({ arn }) => arn).filter(isTopic)))],
    queues: all('AWS::SQS::Queue', ({ logicalId, ref }) => ({
      name: ref.split('/').at(-1) ?? ref,
      arn: template.attribute(logicalId, 'Arn'),
    })),
    clusters: all('AWS::ECS::Cluster', ({ ref }) => ref),
    taskDefinitions: all('AWS::ECS::TaskDefinition', ({ properties }) =>
      taskDefinitionOf(v.parse(schemas.taskDefinition, properties)),
    ),
    taskRoles: taskRoles(template),
    secrets: all('AWS::SecretsManager::Secret', ({ ref, properties }) => ({
      name: ref.replace(/^.*:secret:(.*)-\w{6}$/, '$1'),
      arn: ref,
      value: generateSecret(v.parse(schemas.secret, properties).GenerateSecretString),
    })),
    vpcs: all('AWS::EC2::VPC', ({ ref, properties }) => ({
      vpcId: ref,
      cidrBlock: v.parse(schemas.vpc, properties).CidrBlock,
    })),
    securityGroups: all('AWS::EC2::SecurityGroup', ({ logicalId, ref, properties }) => {
      const { VpcId, GroupDescription } = v.parse(schemas.securityGroup, properties);
      return { id: template.attribute(logicalId, 'GroupId'), name: ref, description: GroupDescription, vpcId: VpcId };
    }),
    subnets: all('AWS::EC2::Subnet', ({ ref, properties }) => {
      const { VpcId, CidrBlock, AvailabilityZone } = v.parse(schemas.subnet, properties);
      return { subnetId: ref, vpcId: VpcId, cidrBlock: CidrBlock, availabilityZone: AvailabilityZone };
    }),
  };
}

function authorizerOf(
  route: v.InferOutput<typeof schemas.route>,
  authorizers: ReadonlyMap<string, v.InferOutput<typeof schemas.authorizer>>,
): Authorizer | undefined {
  if (route.AuthorizationType === 'AWS_IAM') return { kind: 'iam' };
  if (route.AuthorizationType !== 'JWT') return undefined;
  const found = authorizers.get(route.AuthorizerId);
  if (!found) {
    throw new Error(`The route ${route.RouteKey} names ${route.AuthorizerId}, which the template does not define.`);
  }
  const { Issuer, Audience } = found.JwtConfiguration;
  return { kind: 'jwt', issuer: Issuer, audiences: Audience, scopes: route.AuthorizationScopes };
}

/** The title of a function from the path that CDK notes: `Bastions/Functions/Start/Function/Resource` -> `Start`. */
function titleOf({ logicalId, metadata }: Resource): string {
  const path = metadata['aws:cdk:path'];
  return (typeof path === 'string' ? path.split('/').at(-3) : undefined) ?? logicalId;
}

/** The bundle of an asset. Its S3 key is the hash in the name of its folder. */
function bundleIn(directory: string, s3Key: string): string {
  const file = join(directory, `asset.${s3Key.replace(/\.zip$/, '')}`, 'index.mjs');
  if (!existsSync(file))
    throw new Error(`The template names the code ${s3Key}, expected it in ${file}. Synthesize again.`);
  return file;
}

const isTopic = (arn: string): boolean => /^arn:[\w-]+:sns:/.test(arn);
