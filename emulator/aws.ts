/**
 * AWS on one machine: a function from request to response, over real wire protocols, with an injected clock.
 *
 *   const aws = createAws({ clock, containerHost });           // the library
 *   aws.ec2.addVpc(…); aws.ecs.registerCluster(…); aws.lambda.registerFunction(…); aws.events.putRule(…);
 *   aws.scheduler.putSchedule(…); aws.sqs.createQueue(…); await aws.dynamodb.createTable(…); aws.secrets.createSecret(…);
 *   aws.iam.putRole(…);
 *   await aws.handle(request);                                 // one request
 *   new ECSClient(inProcess(aws, clock, { caller }));          // ./in-process.ts: the SDK without a socket
 *   await serveAws(aws, { port });                             // ./server.ts: the SDK, the CLI and boto3 over HTTP
 *   await aws.close();
 *
 * What it cannot do it refuses with the protocol's own "unknown operation" error, naming the operation.
 */
import { type Clock, stoppableClock } from './clock.ts';
import type { ContainerHost } from './container-host.ts';
import { type Context, type Delays, defaultDelays } from './context.ts';
import { callerOf, understand } from './dispatch.ts';
import { createDynamoDb, type DynamoDb } from './dynamodb/dynamodb.ts';
import { createEc2, type Ec2 } from './ec2/ec2.ts';
import { createEcs, type Ecs } from './ecs/ecs.ts';
import { taskEventDetail } from './ecs/task.ts';
import { createEventBridge, type EventBridge } from './events/event-bridge.ts';
import { createScheduler, type Scheduler } from './events/scheduler.ts';
import { authorize } from './iam/authorize.ts';
import { createIam, type Iam } from './iam/iam.ts';
import { functionRole, type Principal, root } from './iam/principal.ts';
import { TaskCredentials } from './iam/task-credentials.ts';
import { createLambda, type Lambda } from './lambda/lambda.ts';
import type { Operation } from './operation.ts';
import { type Random, uuid } from './random.ts';
import { createSecrets, type Secrets } from './secrets.ts';
import { createSqs, type Sqs } from './sqs.ts';
import { createSsm } from './ssm.ts';
import { createSts } from './sts.ts';
import { throttle } from './throttle.ts';
import { AwsError, type Call, type Interceptor, type Understood, type WireRequest, type WireResponse } from './wire.ts';

export interface AwsOptions {
  readonly clock: Clock;
  readonly containerHost: ContainerHost;
  /** Default `us-east-1`. */
  readonly region?: string;
  /** Default `000000000000`. */
  readonly accountId?: string;
  /**
   * Those not given keep their default: about two seconds to RUNNING, one to give the network interface back. A function is
   * asked each time AWS takes its time, so that delays can vary.
   */
  readonly delays?: Partial<Delays> | (() => Partial<Delays>);
  /** Where ids come from; default `Math.random`. */
  readonly random?: Random;
  /** Stands around every API call and every delivery to a function. */
  readonly onCall?: Interceptor;
}

export interface EmulatedAws {
  readonly region: string;
  readonly accountId: string;
  /** Where tasks that start from now on reach this; `serveAws` sets it. In process nobody connects to it. */
  endpoint: string;
  /** Rejects only when the answer cannot arrive: an interceptor broke the connection, or this emulation has a bug. */
  handle(request: WireRequest): Promise<WireResponse>;
  readonly ec2: Ec2;
  readonly ecs: Ecs;
  readonly lambda: Lambda;
  readonly events: EventBridge;
  readonly scheduler: Scheduler;
  readonly sqs: Sqs;
  readonly dynamodb: DynamoDb;
  readonly secrets: Secrets;
  readonly iam: Iam;
  /** Stops every timer and every container. */
  close(): Promise<void>;
}

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
  const events = createEventBridge(context, lambda);
  const ec2 = createEc2(context);
  const dynamodb = createDynamoDb(context);
  const secrets = createSecrets(context);
  const iam = createIam(context);
  const credentials = new TaskCredentials(context);
  const ecs = createEcs(context, { ec2, iam, credentials, host: options.containerHost }, (task) =>
    events.emit({
      source: 'aws.ecs',
      detailType: 'ECS Task State Change',
      resources: [task.arn],
      detail: taskEventDetail(task, clock.now()),
    }),
  );
  const services = new Map(
    Object.entries({
      ec2,
      ecs,
      lambda,
      events,
      sqs,
      dynamodb,
      secretsmanager: secrets,
      ssm: createSsm(context),
      sts: createSts(context),
    }).map(([name, { operations }]) => [name, new Map(Object.entries(operations))]),
  );
  const checkRate = throttle(clock);

  /** Whoever is no task: a function, or else the account itself. */
  function principalWithKey(accessKeyId = ''): Principal {
    const name = lambda.nameOf(accessKeyId);
    return name === undefined ? root(context.accountId) : functionRole(context.accountId, name);
  }

  function operationFor({ service, action }: Understood): Operation {
    const operation = services.get(service)?.get(action);
    if (operation !== undefined) return operation;
    const code = service === 'ec2' || service === 'sts' ? 'InvalidAction' : 'UnknownOperationException';
    throw new AwsError(code, `The emulated AWS has no operation ${service} ${action}.`);
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
      const principal = credentials.principalOf(request, call.service) ?? principalWithKey(caller);
      authorize(context, { dynamodb, ec2 }, principal, call);
      return operation(input, principal);
    });
  }

  return {
    region: context.region,
    accountId: context.accountId,
    get endpoint() {
      return endpoint;
    },
    set endpoint(url) {
      endpoint = url;
    },
    async handle(request) {
      const given = credentials.answer(request);
      if (given !== undefined) return given;
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
    events,
    scheduler: createScheduler(context, lambda),
    sqs,
    dynamodb,
    secrets,
    iam,
    async close() {
      clock.stop();
      await ecs.close();
    },
  };
}
