import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { keyParameterPrefix, sweeperName } from '../../contracts/account.ts';
import { eventSource } from '../../contracts/events.ts';
import { drainName, type Entry, env } from '../../contracts/stack.ts';
import { accessRecord } from '../access-record.ts';
import type { WebhookSecret } from '../data/webhook-secret.ts';
import type { FunctionsProps } from './functions-props.ts';
import { grantConverge, grantRemove } from './grants.ts';
import { allow } from './permissions.ts';
import { setPool } from './pool.ts';
import { setSignIn } from './sign-in.ts';
import { setWeb } from './web.ts';

/** Names of the functions that a caller outside of the template knows. CloudFormation names the others. */
const names: Partial<Record<Entry, (stack: string) => string>> = { sweeper: sweeperName, drain: drainName };

/**
 * Executions that `reserveConcurrency` sets aside for the functions that end sessions, whatever else runs in the account. A
 * reservation is a limit too: beyond it, Lambda keeps an event and tries again.
 *
 * - The reaper's next pass waits for the one before.
 * - Tasks stop in bursts, and so do targets. Five removals at once leave room for others in AWS's request rates.
 * - The drain needs none. The API is gone by then, and CloudFormation's event waits in Lambda's queue for longer than the drain may
 *   take.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
 */
const reservations: Partial<Record<Entry, number>> = { reaper: 1, teardown: 5, 'task-stopped': 5 };

/** The functions whose log says who was let in, from where and with which key, and who was refused. */
const deciding: readonly Entry[] = ['start', 'stop', 'sessions', 'webhook-start', 'webhook-stop'];

/** The functions of the webhooks. Neither side can read the other's secrets and keys, or run its agents. */
export interface WebhookFunctions {
  readonly start: lambda.Function;
  readonly stop: lambda.Function;
}

/** The Lambda functions, each with its permissions and the environment variables that belong to them. */
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
  readonly announce: lambda.Function;
  readonly webhooks: WebhookFunctions | undefined;
  /** Undefined without a pool. */
  readonly pool: lambda.Function | undefined;
  /** Undefined without the page. */
  readonly web: lambda.Function | undefined;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    const { table, agents, network, webhookSecret } = props;
    const create = (name: string, entry: Entry, timeoutSeconds: number, memoryMiB: number) =>
      this.createFunction(name, { props, entry, timeoutSeconds, memoryMiB });
    // API Gateway waits 30 s. A late answer is better than none while AWS is slow. Memory brings CPU, and so a quick cold
    // start, for the functions that a person waits for.
    this.start = create('Start', 'start', 29, 1024);
    this.stop = create('Stop', 'stop', 29, 512);
    this.sessions = create('Sessions', 'sessions', 29, 512);
    this.health = create('Health', 'health', 5, 512);
    this.teardown = create('Teardown', 'teardown', 60, 256);
    this.reaper = create('Reaper', 'reaper', 60, 256);
    this.taskStopped = create('TaskStopped', 'task-stopped', 30, 256);
    this.sweeper = create('Sweeper', 'sweeper', 60, 256);
    this.drain = create('Drain', 'drain', 900, 256);
    this.announce = create('Announce', 'announce', 30, 256);
    // It starts bastions too, so it may run for as long as the start lease allows a start.
    this.pool = props.poolSize > 0 ? create('Pool', 'pool', 29, 512) : undefined;
    // The command of a job asks for the audience there.
    const hasWeb = props.page || props.oidcIssuer !== undefined || props.ciAudience !== undefined;
    this.web = hasWeb ? create('Web', 'web', 10, 512) : undefined;
    this.webhooks = webhookSecret && {
      start: create('WebhookStart', 'webhook-start', 29, 1024),
      stop: create('WebhookStop', 'webhook-stop', 29, 512),
    };

    for (const fn of [this.start, this.reaper]) grantConverge(fn, props);
    for (const fn of [this.teardown, this.taskStopped, this.drain]) grantRemove(fn, props);
    const { handoff } = props;
    for (const fn of [this.reaper, this.teardown, this.taskStopped, this.drain]) {
      handoff.grantRemove(fn, agents.bastions, handoff.targets);
      table.grantPlaces(fn, 'all');
    }
    for (const fn of [this.start, this.reaper, this.sessions]) {
      handoff.grantLook(fn, agents.bastions);
      table.grantReadTogether(fn);
    }
    for (const fn of [this.reaper, this.drain]) table.grantListUnfinished(fn);

    agents.setSshPorts(this.reaper);
    table.grantTakeClaims(this.start);
    table.grantPlaces(this.start, 'people');
    // The reaper puts notices for those who are logged in.
    for (const fn of [this.start, this.reaper]) handoff.grantPut(fn, agents.bastions);
    handoff.grantRemove(this.start, agents.bastions);
    agents.grantRunSshd(this.start);
    network.grantCreate(this.start);
    this.grantReadKeys(this.start);
    this.start.addEnvironment(env.defaultTtlSeconds, String(props.defaultTtl.toSeconds()));
    this.start.addEnvironment(env.maxTtlSeconds, String(props.maxTtl.toSeconds()));
    this.start.addEnvironment(env.maxLifetimeSeconds, String(props.maxLifetime.toSeconds()));
    this.start.addEnvironment(env.maxSessions, String(props.maxSessions));
    this.start.addEnvironment(env.maxPerRole, String(props.maxPerRole ?? props.maxSessions));

    table.grantChange(this.stop);
    this.grantInvokeTeardown(this.stop);

    // GET / looks at the task of a bastion that is not up yet, and writes the result into its row.
    table.grantChange(this.sessions);
    table.grantListHistory(this.sessions);
    agents.grantObserve(this.sessions);
    network.grantObserve(this.sessions);

    table.grantSweep(this.sweeper);
    agents.grantConverge(this.sweeper);
    network.grantRemove(this.sweeper);

    network.grantObserve(this.drain);
    this.grantInvokeDrain(this.drain);

    table.grantHealthCheck(this.health);
    agents.grantHealthCheck(this.health);

    for (const fn of [this.start, this.sessions]) {
      agents.setTaskSize(fn);
      agents.setSshLogin(fn);
    }
    this.sessions.addEnvironment(env.stack, Stack.of(this).stackName);
    this.announce.addEnvironment(env.stack, Stack.of(this).stackName);
    table.announceTo(this.announce);
    this.grantPutEvents(this.announce);
    const forPeople = [this.start, this.stop, this.sessions];
    for (const fn of forPeople) fn.addEnvironment(env.admins, props.admins.join(' '));
    setSignIn(forPeople, props);
    setPool(this, props);
    setWeb(this.web, props);
    if (webhookSecret && this.webhooks) this.grantWebhooks(this.webhooks, webhookSecret, props);
  }

  private grantWebhooks({ start, stop }: WebhookFunctions, secret: WebhookSecret, props: FunctionsProps): void {
    const { table, handoff, agents, network } = props;
    for (const fn of [start, stop]) {
      secret.grantRead(fn);
      table.grantNoteSignatures(fn);
    }

    grantRemove(start, props);
    table.grantTakeClaims(start);
    table.grantPlaces(start, 'targets');
    agents.grantRunTargets(start);
    network.grantCreate(start);
    handoff.grantPut(start, handoff.targets);
    handoff.grantRemove(start, handoff.targets);
    start.addEnvironment(env.webhookTtlSeconds, String(props.webhookTtl.toSeconds()));
    start.addEnvironment(env.maxTargets, String(props.maxTargets));

    table.grantChange(stop);
    this.grantInvokeTeardown(stop);
  }

  /** Permission to send the events of sessions, and no other events. */
  private grantPutEvents(fn: lambda.Function): void {
    allow(fn, {
      actions: ['events:PutEvents'],
      resources: [Stack.of(this).formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' })],
      // The key has many values. ForAllValues holds for none too, which Null excludes.
      // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
      conditions: {
        'ForAllValues:StringEquals': { 'events:source': eventSource },
        Null: { 'events:source': 'false' },
      },
    });
  }

  /** Permission to read the public keys that users have stored. */
  private grantReadKeys(fn: lambda.Function): void {
    const parameters = `parameter${keyParameterPrefix}*`;
    allow(fn, {
      actions: ['ssm:GetParameter'],
      resources: [Stack.of(this).formatArn({ service: 'ssm', resource: parameters })],
      wildcard: 'One parameter per user, whose names are unknown at deployment. They hold public keys.',
    });
  }

  /** Permission to leave the removal of a session to a function that works without a waiting caller. */
  private grantInvokeTeardown(fn: lambda.Function): void {
    fn.addEnvironment(env.teardownFunction, this.teardown.functionName);
    allow(fn, { actions: ['lambda:InvokeFunction'], resources: [this.teardown.functionArn] });
  }

  /** Permission of the drain to continue in a second invocation of itself. */
  private grantInvokeDrain(fn: lambda.Function): void {
    const stack = Stack.of(this);
    // By its name, because CloudFormation creates the role before the function.
    const resourceName = drainName(stack.stackName);
    const drain = { service: 'lambda', resource: 'function', resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME };
    allow(fn, { actions: ['lambda:InvokeFunction'], resources: [stack.formatArn(drain)] });
  }

  private createFunction(id: string, { props, entry, timeoutSeconds, memoryMiB }: FunctionOptions): lambda.Function {
    const scope = new Construct(this, id);
    const nameOf = names[entry];
    const reservation = props.reserveConcurrency ? reservations[entry] : undefined;
    const logGroup = deciding.includes(entry)
      ? accessRecord(scope, 'Log', props)
      : new LogGroup(scope, 'Log', { retention: props.logRetention, removalPolicy: RemovalPolicy.DESTROY });
    // AWS documents no condition on the account for Lambda. A role can be passed to functions of its own account alone.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    // Lambda's managed policy would allow it to write to every log group of the account.
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
      ...(reservation !== undefined && { reservedConcurrentExecutions: reservation }),
      loggingFormat: lambda.LoggingFormat.JSON,
      logGroup,
      role,
    });
  }
}

interface FunctionOptions {
  readonly props: FunctionsProps;
  readonly entry: Entry;
  readonly timeoutSeconds: number;
  readonly memoryMiB: number;
}
