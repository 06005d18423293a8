/**
 * Deploys the synthesized stack in process: the real handlers with the template's environment, routes, schedules and event rule,
 * on the emulated AWS and a virtual clock. It lacks only the sockets and the processes.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { dirname } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { env } from '../../contracts/stack.ts';
import { type AwsOptions, createAws, type EmulatedAws } from '../../emulator/aws.ts';
import { VirtualClock } from '../../emulator/clock.ts';
import { inProcess } from '../../emulator/in-process.ts';
import { seededRandom } from '../../emulator/random.ts';
import type { Call } from '../../emulator/wire.ts';
import { DynamoSessions } from '../../lambdas/aws/dynamodb/sessions.ts';
import type { HostKeyMaker, Log, LogFields } from '../../lambdas/core/session/ports.ts';
import { fingerprintOf } from '../../lambdas/fingerprint.ts';
import type { Runtime } from '../../lambdas/runtime.ts';
import { accessKeyOf, deploy, startSchedules } from '../../local/cloudformation/deploy.ts';
import { type Authorizer, readStack, type Stack, type StackFunction } from '../../local/cloudformation/stack.ts';
import { CloudFormation } from './cloudformation.ts';
import { withIssuer } from './discovery.ts';
import { functionOf, type Handler } from './functions.ts';
import { scriptedHostKeys } from './host-keys.ts';
import { admin, home } from './people.ts';
import { recordMetrics } from './recorded-metrics.ts';
import { ScriptedContainers } from './scripted-containers.ts';
import { listTasksAlive } from './tasks-alive.ts';
import { ahead } from './time.ts';

export interface DeploymentOptions {
  /** The delays of the emulated AWS, or a function that is called for each. */
  readonly delays?: AwsOptions['delays'];
  /** Wraps every call and delivery. @param invocation the run of the function that makes the call; undefined for a test's */
  readonly onCall?: (
    call: Call,
    proceed: () => Promise<unknown>,
    invocation: Invocation | undefined,
  ) => Promise<unknown>;
  /** The seed of everything random. Default: 1. */
  readonly seed?: number;
  /** The milliseconds by which a function's clock is ahead. */
  readonly skewMs?: (title: string) => number;
  /** Overrides variables of every function. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Makes the host keys of bastions. Default: such in name only. */
  readonly hostKeys?: HostKeyMaker;
  /** Whether the schedules run. Default: true. */
  readonly reaps?: boolean;
}

/** One run of a function. A dead one makes no further calls, because Lambda has thrown its environment away. */
export interface Invocation {
  readonly title: string;
  isDead: boolean;
}

export interface Request {
  /** The caller's ARN. Default: the admin's. */
  readonly by?: string;
  /** The claims of the caller's token, on a route for tokens. Default: none. */
  readonly claims?: Readonly<Record<string, string>>;
  readonly from?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly accept?: string;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The milliseconds that the request is old when the function begins, as after a cold start. Default: 0. */
  readonly ageMs?: number;
}

/** What an authorizer tells the function about a caller whom it has let in. */
const identityOf = ({ kind }: Authorizer, { by = admin, claims = {} }: Request) =>
  kind === 'iam' ? { iam: { userArn: by } } : { jwt: { claims, scopes: null } };

const stacks = new Map<string, Stack>();

/** Reads the stack once for all its deployments, of which a run of the tests has hundreds. */
function stackIn(assembly: string, { region, accountId }: EmulatedAws): Stack {
  const place = { region, accountId, stackName: 'Bastions', apiUrl: 'http://api.local' };
  const stack = stacks.get(assembly) ?? readStack(assembly, place);
  stacks.set(assembly, stack);
  return stack;
}

/** @param assembly folder of the synthesized stack */
export async function deployInProcess(assembly: string, options: DeploymentOptions = {}) {
  const clock = new VirtualClock();
  const containers = new ScriptedContainers(clock);
  const invocations = new AsyncLocalStorage<Invocation>();
  const aws = createAws({
    clock,
    containerHost: containers,
    random: seededRandom(options.seed ?? 1),
    delays: options.delays ?? {},
    onCall(call, carryOut) {
      const proceed = async () => {
        const output = await carryOut();
        containers.hear(call);
        return output;
      };
      const invocation = invocations.getStore();
      if (call.kind === 'api' && invocation?.isDead) return new Promise(() => {});
      return options.onCall ? options.onCall(call, proceed, invocation) : proceed();
    },
  });
  containers.connect(aws);
  const stack = stackIn(assembly, aws);
  const logged: (LogFields & { decision: string; error?: unknown })[] = [];
  const { metrics, figures } = recordMetrics();
  const cloudFormation = new CloudFormation();
  const log: Log = {
    info: (decision, fields) => logged.push({ decision, ...fields }),
    error: (decision, fields) => logged.push({ decision, ...fields }),
  };
  let drawn = 0;
  let made = 0;
  const hostKeys = { make: () => clock.busy(options.hostKeys?.make() ?? Promise.resolve(scriptedHostKeys(++made))) };
  const ids = { next: () => `00000000-0000-4000-8000-${String(++drawn).padStart(12, '0')}` };

  const handlerOf = (fn: StackFunction): Handler => {
    const runtime: Runtime = {
      clock: ahead(clock, options.skewMs?.(fn.title) ?? 0),
      ids,
      hostKeys,
      fingerprints: { of: fingerprintOf },
      log,
      metrics: () => metrics,
      fetch: withIssuer(cloudFormation.fetch),
      sdk: inProcess(aws, clock, { caller: accessKeyOf(fn) }),
    };
    const ofLambda = { AWS_REGION: aws.region, LAMBDA_TASK_ROOT: dirname(fn.bundle) };
    return functionOf(fn.title).create({ ...ofLambda, ...fn.environment, ...options.environment }, runtime);
  };

  await clock.run(
    deploy(aws, stack, (fn) => {
      const handler = handlerOf(fn);
      return (event, { signal }) => {
        const invocation: Invocation = { title: fn.title, isDead: false };
        signal.addEventListener('abort', () => {
          invocation.isDead = true;
        });
        return invocations.run(invocation, async () => {
          const output = await handler(event);
          // Code that waited for nothing but a timer has gone on. A dead function gives no answer.
          return invocation.isDead ? new Promise(() => {}) : output;
        });
      };
    }),
  );
  if (options.reaps !== false) startSchedules(aws, stack);

  const sdk = inProcess(aws, clock, { caller: 'test' });
  const ec2 = new EC2Client(sdk);
  const ecs = new ECSClient(sdk);
  const [cluster = ''] = stack.clusters;
  const tableName = stack.functions.find(({ title }) => title === 'Stop')?.environment[env.table] ?? '';
  const dynamodb = new DynamoDBClient(sdk);
  const sessions = new DynamoSessions(dynamodb, tableName);

  /** Sends a request as API Gateway passes it on. The reply needs the clock to run. */
  async function send(routeKey: string, request: Request = {}) {
    const route = stack.routes.find(({ key }) => key === routeKey);
    if (!route) throw new Error(`The stack has no route ${routeKey}.`);
    const [method, path] = routeKey.split(' ');
    const { payload, functionError } = await aws.lambda.invoke(route.functionArn, {
      version: '2.0',
      routeKey,
      rawPath: path,
      rawQueryString: String(new URLSearchParams(request.query)),
      headers: { ...request.headers, ...(request.accept && { accept: request.accept }) },
      queryStringParameters: request.query,
      body: request.body,
      isBase64Encoded: request.isBase64Encoded ?? false,
      requestContext: {
        requestId: 'request-1',
        timeEpoch: clock.now() - (request.ageMs ?? 0),
        http: { method, path, sourceIp: request.from ?? home },
        ...(route.authorizer && { authorizer: identityOf(route.authorizer, request) }),
      },
    });
    if (functionError) throw new Error(`The function failed: ${payload}`);
    const reply = JSON.parse(payload);
    const isJson = reply.headers['content-type'] === 'application/json';
    return {
      status: Number(reply.statusCode),
      headers: reply.headers as Record<string, string>,
      body: String(reply.body),
      json: isJson ? JSON.parse(reply.body) : undefined,
    };
  }

  const tasksAlive = () => listTasksAlive(clock, ecs, cluster);

  /** Every resource of sessions in AWS, one line each. */
  async function leftovers(): Promise<string[]> {
    const groups = aws.ec2.groups.all().filter(({ tags }) => tags.has('bastion:session'));
    return [
      ...groups.map(({ name }) => `security group ${name}`),
      ...aws.ec2.interfaces.all().map(({ id }) => `interface ${id}`),
      ...(await tasksAlive()).map(({ taskArn, lastStatus }) => `task ${taskArn.split('/').at(-1)} ${lastStatus}`),
    ];
  }

  return {
    clock,
    aws,
    tasksAlive,
    containers,
    stack,
    sessions,
    ec2,
    ecs,
    dynamodb,
    tableName,
    cluster,
    logged,
    ...figures,
    cloudFormation,
    send,
    leftovers,
    /** Sends a request and lets time pass until the reply. */
    call: (routeKey: string, request?: Request) => clock.run(send(routeKey, request)),
    /** Invokes a function as its trigger does. */
    invoke: (title: string, event: unknown = {}) => {
      const fn = stack.functions.find((one) => one.title === title);
      return clock.run(aws.lambda.invoke(fn?.name ?? title, event));
    },
    rows: async () => (await clock.run(sessions.history({ limit: 100 }))).sessions,
  };
}

/** Whether this address can connect to the host's sshd. */
export const isAllowed = ({ containers }: Deployment, host: string, sourceIp: string): boolean =>
  containers.letsIn(host, { port: 22, sourceIp });

export type Deployment = Awaited<ReturnType<typeof deployInProcess>>;
