import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { keyParameterPrefix, sweeperName } from '../../contracts/account.ts';
import { drainName, type Entry, env } from '../../contracts/stack.ts';
import type { Agents } from '../agents/agents.ts';
import type { Handoff } from '../data/handoff-table.ts';
import type { SessionTable } from '../data/session-table.ts';
import type { WebhookSecret } from '../data/webhook-secret.ts';
import type { Network } from '../network.ts';
import type { Config } from '../settings/config.ts';
import { allow } from './permissions.ts';

/** Functions that somebody calls by their name. The others are named by CloudFormation. */
const names: Partial<Record<Entry, (stack: string) => string>> = { sweeper: sweeperName, drain: drainName };

export interface FunctionsProps {
  /** Folder of each entry's bundle. */
  readonly bundles: Readonly<Record<Entry, string>>;
  readonly config: Config;
  readonly table: SessionTable;
  readonly handoff: Handoff;
  readonly agents: Agents;
  readonly network: Network;
  /** Undefined when there is nothing that a webhook could start. */
  readonly webhookSecret: WebhookSecret | undefined;
}

/** Apart from the people's functions, so that neither side can read the other's secrets and keys, nor run its agents. */
export interface WebhookFunctions {
  readonly start: lambda.Function;
  readonly stop: lambda.Function;
}

/** The Lambda functions: what each may do, and with it the environment it needs to do it. */
export class Functions extends Construct {
  readonly start: lambda.Function;
  readonly stop: lambda.Function;
  readonly sessions: lambda.Function;
  readonly health: lambda.Function;
  readonly teardown: lambda.Function;
  readonly reaper: lambda.Function;
  readonly taskStopped: lambda.Function;
  readonly sweeper: lambda.Function;
  readonly drain: lambda.Function;
  readonly webhooks: WebhookFunctions | undefined;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    const { config, table, agents, network, webhookSecret } = props;
    const make = (name: string, entry: Entry, timeoutSeconds: number, memoryMiB: number) =>
      this.createFunction(name, { props, entry, timeoutSeconds, memoryMiB });
    // API Gateway waits 30 s: when AWS is slow, a late answer is better than none. Somebody waits for start: memory brings CPU,
    // and with it a quick cold start.
    this.start = make('Start', 'start', 29, 1024);
    this.stop = make('Stop', 'stop', 29, 512);
    this.sessions = make('Sessions', 'sessions', 29, 512);
    this.health = make('Health', 'health', 5, 512);
    this.teardown = make('Teardown', 'teardown', 60, 256);
    this.reaper = make('Reaper', 'reaper', 60, 256);
    this.taskStopped = make('TaskStopped', 'task-stopped', 30, 256);
    this.sweeper = make('Sweeper', 'sweeper', 60, 256);
    this.drain = make('Drain', 'drain', 900, 256);
    this.webhooks = webhookSecret && {
      start: make('WebhookStart', 'webhook-start', 29, 1024),
      stop: make('WebhookStop', 'webhook-stop', 29, 512),
    };

    for (const fn of [this.start, this.reaper]) grantConverge(fn, props);
    for (const fn of [this.teardown, this.taskStopped, this.drain]) grantRemove(fn, props);
    for (const fn of [this.start, this.reaper, this.drain]) table.grantUnfinished(fn);

    table.grantClaim(this.start);
    agents.grantRunSsh(this.start);
    network.grantCreate(this.start);
    this.grantKeys(this.start);
    this.start.addEnvironment(env.defaultTtlSeconds, String(config.defaultTtl.toSeconds()));
    this.start.addEnvironment(env.maxTtlSeconds, String(config.maxTtl.toSeconds()));
    this.start.addEnvironment(env.maxLifetimeSeconds, String(config.maxLifetime.toSeconds()));
    this.start.addEnvironment(env.maxSessions, String(config.maxSessions));

    table.grantChange(this.stop);
    this.grantTeardown(this.stop);

    // GET / looks at the task of a bastion that is not up yet, and notes in its row what it saw.
    table.grantChange(this.sessions);
    table.grantHistory(this.sessions);
    agents.grantObserve(this.sessions);
    network.grantObserve(this.sessions);
    agents.grantSshLogin(this.sessions);

    table.grantNote(this.sweeper);
    agents.grantConverge(this.sweeper);
    network.grantRemove(this.sweeper);

    network.grantObserve(this.drain);
    this.grantHandOn(this.drain);

    table.grantHealth(this.health);
    agents.grantHealth(this.health);

    for (const fn of [this.start, this.stop, this.sessions]) {
      fn.addEnvironment(env.admins, (config.admins ?? []).join(','));
    }
    if (webhookSecret && this.webhooks) this.grantWebhooks(this.webhooks, webhookSecret, props);
  }

  private grantWebhooks({ start, stop }: WebhookFunctions, secret: WebhookSecret, props: FunctionsProps): void {
    const { config, table, handoff, agents, network } = props;
    for (const fn of [start, stop]) {
      secret.grantRead(fn);
      table.grantReplays(fn);
    }

    grantRemove(start, props);
    table.grantClaim(start);
    table.grantUnfinished(start);
    agents.grantRunWebhookAgents(start);
    network.grantCreate(start);
    handoff.grantPut(start);
    start.addEnvironment(env.webhookTtlSeconds, String(config.webhookTtl.toSeconds()));
    start.addEnvironment(env.maxSessions, String(config.maxSessions));

    table.grantChange(stop);
    this.grantTeardown(stop);
  }

  /** To read the public keys that are stored for users. */
  private grantKeys(fn: lambda.Function): void {
    const parameters = `parameter${keyParameterPrefix}*`;
    allow(fn, {
      actions: ['ssm:GetParameter'],
      resources: [Stack.of(this).formatArn({ service: 'ssm', resource: parameters })],
      wildcard: 'One parameter per user, whose names are not known at deployment; they hold public keys.',
    });
  }

  /** To have a session removed by a function that nobody waits for. */
  private grantTeardown(fn: lambda.Function): void {
    fn.addEnvironment(env.teardownFunction, this.teardown.functionName);
    allow(fn, { actions: ['lambda:InvokeFunction'], resources: [this.teardown.functionArn] });
  }

  /** To invoke itself. */
  private grantHandOn(fn: lambda.Function): void {
    const stack = Stack.of(this);
    // By its name: CloudFormation makes the role before the function.
    const resourceName = drainName(stack.stackName);
    const own = { service: 'lambda', resource: 'function', resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME };
    allow(fn, { actions: ['lambda:InvokeFunction'], resources: [stack.formatArn(own)] });
  }

  private createFunction(id: string, { props, entry, timeoutSeconds, memoryMiB }: FunctionOptions): lambda.Function {
    const scope = new Construct(this, id);
    const nameOf = names[entry];
    const logGroup = new LogGroup(scope, 'Log', {
      retention: props.config.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // Lambda's managed policy would let it write to every log group of the account.
    const role = new iam.Role(scope, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    return new lambda.Function(scope, 'Function', {
      code: lambda.Code.fromAsset(props.bundles[entry]),
      handler: 'index.handler',
      ...(nameOf !== undefined && { functionName: nameOf(Stack.of(this).stackName) }),
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      timeout: Duration.seconds(timeoutSeconds),
      memorySize: memoryMiB,
      loggingFormat: lambda.LoggingFormat.JSON,
      logGroup,
      role,
    });
  }
}

/** To move what exists of a session towards what its row wants. */
function grantConverge(fn: lambda.Function, props: FunctionsProps): void {
  grantRemove(fn, props);
  props.network.grantObserve(fn);
  props.network.grantAdmit(fn);
}

/** To remove what exists of a session that has ended. */
function grantRemove(fn: lambda.Function, { table, handoff, agents, network }: FunctionsProps): void {
  table.grantConverge(fn);
  handoff.grantRemove(fn);
  agents.grantConverge(fn);
  network.grantRemove(fn);
}

interface FunctionOptions {
  readonly props: FunctionsProps;
  readonly entry: Entry;
  readonly timeoutSeconds: number;
  readonly memoryMiB: number;
}
