/** The properties of each resource type that the local run reads. The others change nothing here. */
import * as v from 'valibot';
import { dependencyConditions } from '../../emulator/ecs/definitions.ts';
import { secretRecipe } from './generated-secret.ts';

const arn = v.string();
export const stage = v.object({
  DefaultRouteSettings: v.object({ ThrottlingRateLimit: v.number(), ThrottlingBurstLimit: v.number() }),
});
export const integration = v.object({ IntegrationUri: arn, PayloadFormatVersion: v.literal('2.0') });
/** Strict about who is let in, so that no route is more open here than it deploys. */
export const route = v.variant('AuthorizationType', [
  v.object({ RouteKey: v.string(), Target: v.string(), AuthorizationType: v.optional(v.literal('NONE')) }),
  v.object({ RouteKey: v.string(), Target: v.string(), AuthorizationType: v.literal('AWS_IAM') }),
  v.object({
    RouteKey: v.string(),
    Target: v.string(),
    AuthorizationType: v.literal('JWT'),
    AuthorizerId: v.string(),
    AuthorizationScopes: v.optional(v.array(v.string()), []),
  }),
]);
export const authorizer = v.object({
  AuthorizerType: v.literal('JWT'),
  IdentitySource: v.strictTuple([v.literal('$request.header.Authorization')]),
  JwtConfiguration: v.object({ Audience: v.array(v.string()), Issuer: v.string() }),
});
export const lambdaFunction = v.object({
  Code: v.object({ S3Key: v.string() }),
  Handler: v.literal('index.handler'),
  Timeout: v.number(),
  Environment: v.optional(v.object({ Variables: v.record(v.string(), v.string()) }), { Variables: {} }),
});
export const eventInvokeConfig = v.object({
  FunctionName: v.string(),
  MaximumRetryAttempts: v.number(),
  DestinationConfig: v.optional(v.object({ OnFailure: v.object({ Destination: arn }) })),
});
/** Strict, so that no setting of a mapping is left out here. */
export const eventSource = v.strictObject({
  EventSourceArn: arn,
  FunctionName: v.string(),
  StartingPosition: v.literal('TRIM_HORIZON'),
  BatchSize: v.optional(v.number(), 100),
  FilterCriteria: v.optional(
    v.strictObject({ Filters: v.array(v.strictObject({ Pattern: v.pipe(v.string(), v.parseJson()) })) }),
    { Filters: [] },
  ),
  Tags: v.optional(v.unknown()),
});
/** Targets are strict, so that none gets another input here than on AWS. */
export const rule = v.object({
  EventPattern: v.unknown(),
  Targets: v.array(
    v.strictObject({
      Arn: arn,
      Id: v.string(),
      InputPath: v.optional(v.string()),
      RoleArn: v.optional(arn),
      RetryPolicy: v.optional(v.unknown()),
      DeadLetterConfig: v.optional(v.unknown()),
    }),
  ),
});
export const schedule = v.object({
  ScheduleExpression: v.string(),
  Target: v.object({ Arn: arn, Input: v.optional(v.pipe(v.string(), v.parseJson())) }),
});
/** The properties that CreateTable has too, and the time to live. Recovery and the like change nothing here. */
export const table = v.object({
  KeySchema: v.array(v.unknown()),
  AttributeDefinitions: v.array(v.unknown()),
  BillingMode: v.string(),
  StreamSpecification: v.optional(v.object({ StreamViewType: v.string() })),
  TimeToLiveSpecification: v.optional(v.object({ AttributeName: v.string(), Enabled: v.literal(true) })),
  GlobalSecondaryIndexes: v.optional(
    v.array(v.object({ IndexName: v.string(), KeySchema: v.unknown(), Projection: v.unknown() })),
  ),
});
const linuxParameters = v.strictObject({
  Capabilities: v.optional(
    v.strictObject({ Add: v.optional(v.array(v.string())), Drop: v.optional(v.array(v.string())) }),
  ),
  InitProcessEnabled: v.optional(v.boolean()),
});
/** Strict, so that a container never runs without a property that its definition has. */
export const container = v.strictObject({
  Name: v.string(),
  Image: v.string(),
  Essential: v.optional(v.boolean(), true),
  EntryPoint: v.optional(v.array(v.string())),
  Command: v.optional(v.array(v.string())),
  Environment: v.optional(v.array(v.object({ Name: v.string(), Value: v.string() })), []),
  DependsOn: v.optional(
    v.array(v.object({ ContainerName: v.string(), Condition: v.picklist(dependencyConditions) })),
    [],
  ),
  StopTimeout: v.optional(v.number()),
  User: v.optional(v.string()),
  ReadonlyRootFilesystem: v.optional(v.boolean()),
  LinuxParameters: v.optional(linuxParameters),
  Ulimits: v.optional(v.array(v.object({ Name: v.string(), SoftLimit: v.number(), HardLimit: v.number() }))),
  SystemControls: v.optional(v.array(v.object({ Namespace: v.string(), Value: v.string() }))),
  /** Every line comes to the terminal. */
  LogConfiguration: v.optional(v.unknown()),
  /** In the network mode of Fargate they describe ports and open none. */
  PortMappings: v.optional(v.unknown()),
});
export const taskDefinition = v.object({
  Family: v.string(),
  TaskRoleArn: v.optional(arn),
  Cpu: v.optional(v.string()),
  Memory: v.optional(v.string()),
  ContainerDefinitions: v.array(container),
});
export const role = v.object({
  Policies: v.optional(v.array(v.object({ PolicyDocument: v.unknown() })), []),
  ManagedPolicyArns: v.optional(v.array(v.unknown()), []),
});
export const policy = v.object({ PolicyDocument: v.unknown(), Roles: v.optional(v.array(v.string()), []) });
export const secret = v.object({ GenerateSecretString: secretRecipe });
export const vpc = v.object({ CidrBlock: v.string() });
export const securityGroup = v.object({ VpcId: v.string(), GroupDescription: v.string() });
export const subnet = v.object({ VpcId: v.string(), CidrBlock: v.string(), AvailabilityZone: v.string() });
