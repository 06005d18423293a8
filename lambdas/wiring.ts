/**
 * The composition root: environment -> clients -> adapters, one function per entry. The real world is the default; tests
 * bring another one.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { drainName, type Entry, env } from '../contracts/stack.ts';
import { outageOf } from './aws/aws-errors.ts';
import { CloudFormationRequests, type Fetch } from './aws/cloudformation/stack-requests.ts';
import { orphanMetrics, passMetrics } from './aws/cloudwatch/metrics.ts';
import { HandoffTable } from './aws/dynamodb/handoffs.ts';
import { OrphanTable } from './aws/dynamodb/orphan-notes.ts';
import { ReplayGuard } from './aws/dynamodb/replays.ts';
import { SessionTable } from './aws/dynamodb/sessions.ts';
import { Ec2GroupResources } from './aws/ec2/group-inventory.ts';
import { Ec2SecurityGroups } from './aws/ec2/security-groups.ts';
import { EcsLauncher, type LaunchPlan } from './aws/ecs/launcher.ts';
import { EcsTaskResources } from './aws/ecs/task-inventory.ts';
import { EcsTasks } from './aws/ecs/tasks.ts';
import { healthProbe } from './aws/health-probe.ts';
import { LambdaTeardowns } from './aws/lambda/teardowns.ts';
import { WebhookSecret } from './aws/secretsmanager/webhook-secret.ts';
import { SsmKeys } from './aws/ssm/keys.ts';
import type { ConvergePorts } from './core/end/converge.ts';
import type { DrainPorts } from './core/end/drain.ts';
import type { Pass } from './core/end/reap.ts';
import type { StopPorts } from './core/end/stop-session.ts';
import type { StackRequests } from './core/session/ports.ts';
import type { Settings } from './core/session/settings.ts';
import type { StartPorts } from './core/start/start-bastion.ts';
import type { StartTargetPorts } from './core/start/start-target.ts';
import type { OrphanCounts, SweepPorts } from './core/sweep/sweep.ts';
import { healthCheck } from './core/watch/check-health.ts';
import type { ObservePorts } from './core/watch/observe.ts';
import { type Environment, parseEnvironment } from './environment.ts';
import type { People } from './http/people/bastions.ts';
import type { Telling } from './http/replies.ts';
import type { WebhookGuard } from './http/webhooks/authentication.ts';
import type { WebhookSettings } from './http/webhooks/targets.ts';
import { realWorld, type World } from './runtime.ts';

export function wireStart(source: Environment, world = realWorld('start')): [StartPorts & Telling, Settings, People] {
  const given = parseEnvironment('start', source);
  const ports = {
    ...launching(given, world, { ssh: given[env.sshTaskDefinition] }),
    keys: new SsmKeys(new SSMClient(world.sdk)),
  };
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
): [StartTargetPorts & Telling, WebhookSettings, WebhookGuard] {
  const given = parseEnvironment('webhook-start', source);
  const taskDefinitions = given[env.agentTaskDefinitions];
  const ports = launching(given, world, taskDefinitions);
  const settings = {
    built: Object.keys(taskDefinitions),
    webhookTtlSeconds: given[env.webhookTtlSeconds],
    maxSessions: given[env.maxSessions],
  };
  return [ports, settings, guard(given, world)];
}

export function wireStop(
  source: Environment,
  world = realWorld('stop'),
): [StopPorts & Telling, Pick<People, 'admins'>] {
  const given = parseEnvironment('stop', source);
  return [stopping(given, world), { admins: given[env.admins] }];
}

export function wireWebhookStop(
  source: Environment,
  world = realWorld('webhook-stop'),
): [StopPorts & Telling, WebhookGuard] {
  const given = parseEnvironment('webhook-stop', source);
  return [stopping(given, world), guard(given, world)];
}

export function wireSessions(source: Environment, world = realWorld('sessions')): [ObservePorts & Telling, People] {
  const given = parseEnvironment('sessions', source);
  const { dynamodb, ...clients } = clientsOf(world);
  const ports = {
    ...world,
    sessions: new SessionTable(dynamodb, given[env.table]),
    tasks: new EcsTasks({ ...clients, cluster: given[env.cluster] }),
    outageOf,
  };
  return [ports, { admins: given[env.admins], login: given[env.sshLogin] }];
}

export function wireHealth(source: Environment, world = realWorld('health')): [() => Promise<boolean>] {
  const given = parseEnvironment('health', source);
  const clients = { dynamodb: new DynamoDBClient(world.sdk), ecs: new ECSClient(world.sdk) };
  return [healthCheck(world.clock, world.log, healthProbe(clients, given[env.table], given[env.cluster]))];
}

export function wireReaper(source: Environment, world = realWorld('reaper')): [ConvergePorts, (pass: Pass) => void] {
  const given = parseEnvironment('reaper', source);
  return [converging(given, world, clientsOf(world)), passMetrics(given[env.stack])];
}

/** For the functions that only converge. */
export function wireConverging(
  functionName: 'teardown' | 'task-stopped',
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
    resources: resources(given, clients),
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
  return [{ ...converging(given, world, clients), resources: resources(given, clients) }, requests];
}

/** Tasks first: a security group is in use as long as its task is there. */
function resources(given: Given<'sweeper'>, { ecs, ec2 }: Clients): SweepPorts['resources'] {
  const { [env.stack]: stack, [env.cluster]: cluster, [env.vpc]: vpcId } = given;
  const tasks = new EcsTasks({ ecs, ec2, cluster });
  return [new EcsTaskResources(ecs, { cluster, stack }, tasks), new Ec2GroupResources(ec2, { vpcId, stack })];
}

function launching(
  given: Given<'start' | 'webhook-start'>,
  world: World,
  taskDefinitions: LaunchPlan['taskDefinitions'],
) {
  const clients = clientsOf(world);
  const { [env.stack]: stack, [env.cluster]: cluster, [env.subnets]: subnetIds } = given;
  return {
    ...converging(given, world, clients),
    launcher: new EcsLauncher(clients.ecs, { taskDefinitions, subnetIds, cluster, stack }, world.clock),
    outageOf,
  };
}

function converging(given: Given<'teardown'>, world: World, { dynamodb, ecs, ec2 }: Clients) {
  const place = { vpcId: given[env.vpc], stack: given[env.stack] };
  const cluster = given[env.cluster];
  return {
    ...world,
    sessions: new SessionTable(dynamodb, given[env.table]),
    handoffs: new HandoffTable(dynamodb, given[env.handoffTable], given[env.handoffRoleId]),
    securityGroups: new Ec2SecurityGroups(ec2, place, world.clock),
    tasks: new EcsTasks({ ecs, ec2, cluster }),
  };
}

function stopping(given: Given<'stop' | 'webhook-stop'>, world: World): StopPorts & Telling {
  return {
    ...world,
    sessions: new SessionTable(new DynamoDBClient(world.sdk), given[env.table]),
    teardowns: new LambdaTeardowns(new LambdaClient(world.sdk), given[env.teardownFunction]),
    outageOf,
  };
}

function guard(given: Given<'webhook-start' | 'webhook-stop'>, world: World): WebhookGuard {
  const { clock, ids, log } = world;
  return {
    secrets: new WebhookSecret(new SecretsManagerClient(world.sdk), given[env.webhookSecret], clock),
    replays: new ReplayGuard(new DynamoDBClient(world.sdk), given[env.table], ids),
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
type Given<Name extends Entry> = ReturnType<typeof parseEnvironment<Name>>;
