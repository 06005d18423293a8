/** An AWS account in process: a function from request to response. README.md tells how to use it. */
import { type Clock, stoppableClock } from './clock.ts';
import { type CloudFormation, createCloudFormation } from './cloudformation.ts';
import type { ContainerHost } from './container-host.ts';
import { type Context, type Delays, defaultDelays } from './context.ts';
import { understand } from './dispatch.ts';
import { createDynamoDb, type DynamoDb } from './dynamodb/dynamodb.ts';
import { createEc2, type Ec2 } from './ec2/ec2.ts';
import { createEcs, type Ecs } from './ecs/ecs.ts';
import { taskEventDetail } from './ecs/task.ts';
import { createElastiCache, type ElastiCache } from './elasticache.ts';
import { createEventBridge, type EventBridge } from './events/event-bridge.ts';
import { createScheduler, type Scheduler } from './events/scheduler.ts';
import { authorize } from './iam/authorize.ts';
import { createIam, type Iam } from './iam/iam.ts';
import { functionRole, type Principal, root } from './iam/principal.ts';
import { TaskCredentials } from './iam/task-credentials.ts';
import { createEventSourceMappings, type EventSourceMappings } from './lambda/event-source-mapping.ts';
import { createLambda, type Lambda } from './lambda/lambda.ts';
import type { Operation, Operations } from './operation.ts';
import { declaredPaths } from './parameters.ts';
import { callerOf } from './protocols/signature-scope.ts';
import { type Random, uuid } from './random.ts';
import { createRds, type Rds } from './rds.ts';
import { createSecrets, type Secrets } from './secrets.ts';
import { createSns, type Sns } from './sns.ts';
import { createSqs, type Sqs } from './sqs.ts';
import { createSsm } from './ssm.ts';
import { createSts } from './sts.ts';
import { throttle } from './throttle.ts';
import { AwsError, type Call, type Interceptor, type Understood, type WireRequest, type WireResponse } from './wire.ts';

/** The options of an account. */
export interface AwsOptions {
  /** The clock on which all time in the account passes. */
  readonly clock: Clock;
  /** The host that runs the containers of the account's tasks. */
  readonly containerHost: ContainerHost;
  /** The region of the account. Default `us-east-1`. */
  readonly region?: string;
  /** The id of the account. Default `000000000000`. */
  readonly accountId?: string;
  /**
   * The time that AWS takes. An absent delay keeps its default: a task is RUNNING after about two seconds, and its network
   * interface is deleted one second after its containers. A function is called for each wait, so that delays can vary.
   */
  readonly delays?: Partial<Delays> | (() => Partial<Delays>);
  /** The source of ids. Default `Math.random`. */
  readonly random?: Random;
  /** Surrounds every API call and every delivery to a function. Default: none. */
  readonly onCall?: Interceptor;
}

/** An account: its entry for requests, and its services with the methods that make resources. */
export interface EmulatedAws {
  readonly region: string;
  readonly accountId: string;
  /** The names of the operations of each service, as its protocol names the service. */
  readonly operations: Readonly<Record<string, readonly string[]>>;
  /** Returns the parameters of an operation, as paths: `IpPermissions.FromPort`. The operation refuses every other one. */
  parametersOf(service: string, action: string): readonly string[];
  /** The URL at which the next tasks reach this account. `serveAws` sets it. In process it is only a name. */
  endpoint: string;
  /** Answers one request. Rejects if an interceptor breaks the connection, or if the account has a bug. */
  handle(request: WireRequest): Promise<WireResponse>;
  readonly ec2: Ec2;
  readonly ecs: Ecs;
  readonly lambda: Lambda;
  readonly eventSources: EventSourceMappings;
  readonly events: EventBridge;
  readonly scheduler: Scheduler;
  readonly sns: Sns;
  readonly sqs: Sqs;
  readonly dynamodb: DynamoDb;
  readonly secrets: Secrets;
  readonly iam: Iam;
  readonly cloudformation: CloudFormation;
  readonly rds: Rds;
  readonly elasticache: ElastiCache;
  /** Returns the `aws:userid` of the task whose credentials have this access key, or undefined for any other key. */
  taskUserId(accessKeyId: string): string | undefined;
  /** Stops every timer and kills every container. */
  close(): Promise<void>;
}

/** Makes an empty account: without a VPC, a cluster or a table. */
export function createAws(options: AwsOptions): EmulatedAws {
  const clock = stoppableClock(options.clock);
  let endpoint = 'http://aws.local';
  const context: Context = {
    clock,
    region: options.region ?? 'us-east-1',
    accountId: options.accountId ?? '000000000000',
    random: options.random ?? Math.random,
    get delays() {
      const { delays } = options;
      return { ...defaultDelays, ...(typeof delays === 'function' ? delays() : delays) };
    },
    endpoint: () => endpoint,
    intercept: options.onCall ?? ((_, proceed) => proceed()),
  };

  const sqs = createSqs(context);
  const lambda = createLambda(context, sqs);
  const sns = createSns();
  const events = createEventBridge(context, lambda, sns);
  const ec2 = createEc2(context);
  const dynamodb = createDynamoDb(context);
  const secrets = createSecrets(context);
  const iam = createIam(context);
  const cloudformation = createCloudFormation(context);
  const rds = createRds(context);
  const elasticache = createElastiCache(context);
  const credentials = new TaskCredentials(context);
  const ecs = createEcs(context, { ec2, iam, credentials, host: options.containerHost }, (task) =>
    events.emit({
      source: 'aws.ecs',
      detailType: 'ECS Task State Change',
      resources: [task.arn],
      detail: taskEventDetail(task, clock.now()),
    }),
  );
  const services: Readonly<Record<string, { readonly operations: Operations }>> = {
    cloudformation,
    dynamodb,
    ec2,
    ecs,
    elasticache,
    events,
    lambda,
    rds,
    secretsmanager: secrets,
    sqs,
    ssm: createSsm(context),
    sts: createSts(context),
  };
  const operations = new Map(
    Object.entries(services).map(([name, service]) => [name, new Map(Object.entries(service.operations))]),
  );
  const checkRate = throttle(clock);

  /** Returns the task or the function that signs the request, or the account itself. Throws an AwsError for a wrong signature. */
  function principalOf(request: WireRequest, service: string, accessKeyId = ''): Principal {
    const task = credentials.principalOf(request, service, accessKeyId);
    if (task !== undefined) return task;
    if (request.isFromTask)
      throw new AwsError('UnrecognizedClientException', 'The security token included in the request is invalid.');
    const name = lambda.nameOf(accessKeyId);
    return name === undefined ? root(context.accountId) : functionRole(context.accountId, name);
  }

  function operationFor({ service, action, unknownOperationCode }: Understood): Operation {
    const operation = operations.get(service)?.get(action);
    if (operation !== undefined) return operation;
    throw new AwsError(unknownOperationCode, `The emulated AWS has no operation ${service} ${action}.`);
  }

  async function perform(request: WireRequest, understood: Understood): Promise<unknown> {
    const operation = operationFor(understood);
    const input = understood.input();
    const caller = callerOf(request);
    const call: Call = {
      kind: 'api',
      service: understood.service,
      action: understood.action,
      input,
      at: clock.now(),
      ...(caller === undefined ? {} : { caller }),
    };
    return context.intercept(call, async () => {
      checkRate(call);
      const principal = principalOf(request, call.service, caller);
      authorize(context, { dynamodb, ec2 }, principal, call);
      return operation.run(input, { service: call.service, action: call.action, caller: principal });
    });
  }

  return {
    region: context.region,
    accountId: context.accountId,
    operations: Object.fromEntries([...operations].map(([name, ofService]) => [name, [...ofService.keys()]])),
    parametersOf(service, action) {
      const operation = operations.get(service)?.get(action);
      return operation === undefined ? [] : declaredPaths(operation.shape);
    },
    get endpoint() {
      return endpoint;
    },
    set endpoint(url) {
      endpoint = url;
    },
    async handle(request) {
      const taskResponse = credentials.answer(request) ?? ecs.answer(request);
      if (taskResponse !== undefined) return taskResponse;
      const requestId = uuid(context.random);
      const understood = understand(request, requestId);
      const response = await perform(request, understood).then(understood.reply.output, (error: unknown) => {
        if (error instanceof AwsError) return understood.reply.error(error);
        throw error;
      });
      return { ...response, headers: { ...response.headers, 'x-amzn-requestid': requestId } };
    },
    ec2,
    ecs,
    lambda,
    eventSources: createEventSourceMappings(context, lambda, dynamodb.streamOf),
    events,
    scheduler: createScheduler(context, lambda),
    sns,
    sqs,
    dynamodb,
    secrets,
    iam,
    cloudformation,
    rds,
    elasticache,
    taskUserId: (accessKeyId) => credentials.userIdOf(accessKeyId),
    async close() {
      clock.stop();
      await ecs.close();
    },
  };
}
