/**
 * The composition root: environment -> clients -> adapters, one function per entry. The real world (clock, random ids, the
 * SDK's own defaults) is the default; tests bring another one.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient, type ECSClientConfig } from '@aws-sdk/client-ecs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { CloudFormationRequests, type Fetch } from './aws/cloudformation-requests.ts';
import { Ec2GroupResources } from './aws/ec2-group-resources.ts';
import { Ec2SecurityGroups } from './aws/ec2-security-groups.ts';
import { EcsTaskResources } from './aws/ecs-task-resources.ts';
import { EcsTasks, type LaunchPlan } from './aws/ecs-tasks.ts';
import { HandoffTable } from './aws/handoff-table.ts';
import { healthProbe } from './aws/health-probe.ts';
import { JsonLog } from './aws/json-log.ts';
import { LambdaTeardowns } from './aws/lambda-teardowns.ts';
import { orphanMetrics, passMetrics } from './aws/metrics.ts';
import { OrphanTable } from './aws/orphan-table.ts';
import { ReplayGuard } from './aws/replay-guard.ts';
import { SessionTable } from './aws/session-table.ts';
import { SsmKeys } from './aws/ssm-keys.ts';
import { WebhookSecret } from './aws/webhook-secret.ts';
import { healthCheck } from './core/check-health.ts';
import type { ConvergePorts } from './core/converge.ts';
import type { DrainPorts } from './core/drain.ts';
import type { ObservePorts } from './core/observe.ts';
import type { Clock, Ids, Log, StackRequests } from './core/ports.ts';
import type { Pass } from './core/reap.ts';
import type { Settings } from './core/settings.ts';
import type { StartPorts } from './core/start-bastion.ts';
import type { StartTargetPorts } from './core/start-target.ts';
import type { StopPorts } from './core/stop-session.ts';
import type { OrphanCounts, SweepPorts } from './core/sweep.ts';
import { type Environment, type FunctionName, parseEnvironment } from './environment.ts';
import type { People } from './http/bastions.ts';
import type { WebhookGuard } from './http/webhook-auth.ts';
import type { WebhookSettings } from './http/webhooks.ts';
import { drainName, env } from './names.ts';

export interface World {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** What every SDK client is made with. */
  readonly sdk: Pick<
    ECSClientConfig,
    'endpoint' | 'region' | 'credentials' | 'requestHandler' | 'maxAttempts' | 'retryMode'
  >;
}

/**
 * Every call is bounded: three tries of a few seconds, within the function's own timeout. A client that is throttled slows
 * down by itself, also between calls, because the account's rates belong to others too.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
const bounded = {
  maxAttempts: 3,
  retryMode: 'adaptive',
  requestHandler: { connectionTimeout: 2000, requestTimeout: 5000, throwOnRequestTimeout: true },
};

export function realWorld(functionName: string): World {
  return {
    clock: { now: Date.now, sleep: async (ms) => void (await sleep(ms)) },
    ids: { next: randomUUID },
    log: new JsonLog(functionName),
    sdk: bounded,
  };
}

export function wireStart(source: Environment, world = realWorld('start')): [StartPorts, Settings, People] {
  const given = parseEnvironment('start', source);
  const launch = {
    taskDefinitions: { ssh: given[env.sshTaskDefinition] },
    subnetIds: given[env.subnets],
    stack: given[env.stack],
  };
  const ports = { ...converging(given, world, clientsOf(world), launch), keys: new SsmKeys(new SSMClient(world.sdk)) };
  const settings = {
    defaultTtlSeconds: given[env.defaultTtlSeconds],
    maxTtlSeconds: given[env.maxTtlSeconds],
    maxLifetimeSeconds: given[env.maxLifetimeSeconds],
    maxSessions: given[env.maxSessions],
    sshPorts: given[env.sshPorts],
  };
  return [ports, settings, { admins: given[env.admins], login: given[env.sshLogin] }];
}

export function wireWebhookStart(
  source: Environment,
  world = realWorld('webhook-start'),
): [StartTargetPorts, WebhookSettings, WebhookGuard] {
  const given = parseEnvironment('webhook-start', source);
  const taskDefinitions = given[env.agentTaskDefinitions];
  const ports = converging(given, world, clientsOf(world), {
    taskDefinitions,
    subnetIds: given[env.subnets],
    stack: given[env.stack],
  });
  const settings = {
    built: Object.keys(taskDefinitions),
    webhookTtlSeconds: given[env.webhookTtlSeconds],
    maxSessions: given[env.maxSessions],
  };
  return [ports, settings, guard(given, world)];
}

export function wireStop(source: Environment, world = realWorld('stop')): [StopPorts, Pick<People, 'admins'>] {
  const given = parseEnvironment('stop', source);
  return [stopping(given, world), { admins: given[env.admins] }];
}

export function wireWebhookStop(source: Environment, world = realWorld('webhook-stop')): [StopPorts, WebhookGuard] {
  const given = parseEnvironment('webhook-stop', source);
  return [stopping(given, world), guard(given, world)];
}

export function wireSessions(source: Environment, world = realWorld('sessions')): [ObservePorts, People] {
  const given = parseEnvironment('sessions', source);
  const { dynamodb, ...clients } = clientsOf(world);
  const ports = {
    ...world,
    sessions: new SessionTable(dynamodb, given[env.table]),
    tasks: new EcsTasks({ ...clients, cluster: given[env.cluster], clock: world.clock }),
  };
  return [ports, { admins: given[env.admins], login: given[env.sshLogin] }];
}

export function wireHealth(source: Environment, world = realWorld('health')): [() => Promise<boolean>] {
  const given = parseEnvironment('health', source);
  const clients = { dynamodb: new DynamoDBClient(world.sdk), ecs: new ECSClient(world.sdk) };
  return [healthCheck(world.clock, world.log, healthProbe(clients, given[env.table], given[env.cluster]))];
}

export function wireReaper(source: Environment, world = realWorld('reaper')): [ConvergePorts, (pass: Pass) => void] {
  const { [env.stack]: stack } = parseEnvironment('reaper', source);
  return [wireConverging('reaper', source, world), passMetrics(stack)];
}

/** For the functions that only converge: teardown, reaper, task-stopped. */
export function wireConverging(
  functionName: 'teardown' | 'reaper' | 'task-stopped',
  source: Environment,
  world = realWorld(functionName),
): ConvergePorts {
  return converging(parseEnvironment(functionName, source), world, clientsOf(world));
}

export function wireSweeper(
  source: Environment,
  world = realWorld('sweeper'),
): [SweepPorts, (counts: OrphanCounts) => void] {
  const given = parseEnvironment('sweeper', source);
  const clients = clientsOf(world);
  const ports = {
    ...world,
    sessions: new SessionTable(clients.dynamodb, given[env.table]),
    orphans: new OrphanTable(clients.dynamodb, given[env.table]),
    resources: resources(given, world, clients),
  };
  return [ports, orphanMetrics(given[env.stack])];
}

export function wireDrain(
  source: Environment,
  world = realWorld('drain'),
  put: Fetch = fetch,
): [DrainPorts, StackRequests] {
  const given = parseEnvironment('drain', source);
  const requests = new CloudFormationRequests({
    lambda: new LambdaClient(world.sdk),
    functionName: drainName(given[env.stack]),
    clock: world.clock,
    fetch: put,
  });
  const clients = clientsOf(world);
  return [{ ...converging(given, world, clients), resources: resources(given, world, clients) }, requests];
}

/** Tasks first: a security group is in use as long as its task is there. */
function resources(given: Given<'sweeper'>, { clock }: World, { ecs, ec2 }: Clients): SweepPorts['resources'] {
  const { [env.stack]: stack, [env.cluster]: cluster, [env.vpc]: vpcId } = given;
  const tasks = new EcsTasks({ ecs, ec2, cluster, clock });
  return [new EcsTaskResources(ecs, { cluster, stack }, tasks), new Ec2GroupResources(ec2, { vpcId, stack })];
}

function converging(given: Given<'teardown'>, world: World, { dynamodb, ecs, ec2 }: Clients, launch?: LaunchPlan) {
  const place = { vpcId: given[env.vpc], stack: given[env.stack] };
  const cluster = given[env.cluster];
  return {
    ...world,
    sessions: new SessionTable(dynamodb, given[env.table]),
    handoffs: new HandoffTable(dynamodb, given[env.handoffTable], given[env.handoffRoleId]),
    securityGroups: new Ec2SecurityGroups(ec2, place, world.clock),
    tasks: new EcsTasks({ ecs, ec2, cluster, clock: world.clock, ...(launch && { launch }) }),
  };
}

function stopping(given: Given<'stop' | 'webhook-stop'>, world: World): StopPorts {
  return {
    ...world,
    sessions: new SessionTable(new DynamoDBClient(world.sdk), given[env.table]),
    teardowns: new LambdaTeardowns(new LambdaClient(world.sdk), given[env.teardownFunction]),
  };
}

function guard(given: Given<'webhook-start' | 'webhook-stop'>, world: World): WebhookGuard {
  const { clock, log } = world;
  return {
    secrets: new WebhookSecret(new SecretsManagerClient(world.sdk), given[env.webhookSecret], clock),
    replays: new ReplayGuard(new DynamoDBClient(world.sdk), given[env.table]),
    clock,
    log,
    hmac: given[env.webhookHmac],
  };
}

/** Made once per function: a client that is throttled slows down for all it does. */
const clientsOf = ({ sdk }: World) => ({
  dynamodb: new DynamoDBClient(sdk),
  ecs: new ECSClient(sdk),
  ec2: new EC2Client(sdk),
});

type Clients = ReturnType<typeof clientsOf>;
type Given<Name extends FunctionName> = ReturnType<typeof parseEnvironment<Name>>;
