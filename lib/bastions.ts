import { Stack } from 'aws-cdk-lib';
import { Connections, type IConnectable, type ISecurityGroup, type Port } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import * as v from 'valibot';
import { processors } from '../contracts/agent.ts';
import { hoursPerWeek, poolHours } from '../contracts/pool-hours.ts';
import { poolPricePerMonth, pricePerHour } from '../contracts/prices.ts';
import { Agents } from './agents/agents.ts';
import { Alarms } from './alarms.ts';
import { Api } from './api.ts';
import type { BastionsProps } from './bastions-props.ts';
import { Dashboard } from './dashboard.ts';
import { Handoff } from './data/handoff-table.ts';
import { SessionTable } from './data/session-table.ts';
import { WebhookSecret } from './data/webhook-secret.ts';
import { Drain } from './drain.ts';
import { EventNotices, eventNoticesProps } from './event-notices.ts';
import { functionBundles } from './functions/bundle-folders.ts';
import { Functions } from './functions/functions.ts';
import { Network } from './network.ts';
import { answerPacks } from './pack-answers.ts';
import { resolveProps } from './settings/check.ts';
import type { ResolvedProps } from './settings/rules.ts';
import { Triggers } from './triggers.ts';

/**
 * SSH bastions on demand: the map of a deployment.
 *
 * 1. The API takes requests of people (signed by IAM) and of webhooks (by a shared secret).
 * 2. The functions start a task for each session, and remove what a session owns when it ends.
 * 3. The triggers call the functions that remove: every minute, and when a task has stopped.
 * 4. The drain ends every session before CloudFormation deletes what sessions run in.
 *
 * A stack has room for one, because functions, tags and metrics are named by the stack.
 */
export class Bastions extends Construct {
  /** URL of the API, without a slash at its end. */
  readonly apiUrl: string;
  /** URL that `/start`, `/stop` and `/health` of the webhooks follow. It holds `webhookPath`. */
  readonly webhookUrl: string;
  /** Name of the secret that webhooks authenticate with. Undefined when `agents` names `ssh` alone. */
  readonly webhookSecretName: string | undefined;

  /** Group of every bastion and target, for a rule that `allowTo` cannot write. It is immutable and lets nobody in. */
  readonly clientSecurityGroup: ISecurityGroup;
  private readonly resolved: ResolvedProps;
  private readonly dashboard: Dashboard | undefined;

  /** @throws InvalidProps that lists every wrong prop. */
  constructor(scope: Construct, id: string, props: BastionsProps = {}) {
    super(scope, id);
    this.refuseSecond();
    const resolved = resolveProps(props, Stack.of(this).stackName);
    this.resolved = resolved;

    const table = new SessionTable(this, 'Sessions');
    const network = new Network(this, 'Network', resolved);
    const handoff = new Handoff(this, 'Handoff');
    const agents = new Agents(this, 'Agents', { ...resolved, handoff });
    const webhookSecret = agents.haveWebhooks ? new WebhookSecret(this, 'Webhooks', resolved) : undefined;
    const functions = new Functions(this, 'Functions', {
      ...resolved,
      bundles: props.bundles ?? functionBundles(),
      table,
      handoff,
      agents,
      network,
      webhookSecret,
    });
    const triggers = new Triggers(this, 'Triggers', { clusterArn: agents.clusterArn, functions });
    const api = new Api(this, 'Api', { ...resolved, functions });
    new Drain(this, 'Drain', {
      fn: functions.drain,
      deletedAfter: [table, network, handoff, agents],
      deletedBefore: [api, triggers, ...(functions.pool ? [functions.pool] : [])],
    });
    new Alarms(this, 'Alarms', {
      ...resolved,
      reaper: functions.reaper,
      sweeper: functions.sweeper,
      announce: functions.announce,
      failures: triggers.failures,
    });
    this.dashboard = resolved.dashboard ? new Dashboard(this, 'Dashboard', resolved) : undefined;
    const notices = eventNoticesProps(resolved);
    if (notices) new EventNotices(this, 'EventNotices', notices);
    answerPacks(this);
    this.apiUrl = api.url;
    this.webhookUrl = api.webhookUrl;
    this.webhookSecretName = webhookSecret?.name;
    this.clientSecurityGroup = network.clientGroup;
  }

  /**
   * Lets every bastion and target reach `target`, for example a database: its security groups get a rule that names the client
   * group. The rule stands in this stack if `target` is of another, so that the other stack does not depend on this one.
   * @throws Error when `target` has no security group that could hold the rule.
   */
  allowTo(target: IConnectable, port: Port): void {
    if (target.connections.securityGroups.length === 0) {
      throw new Error(
        `allowTo of ${this.node.path}: got a target without a security group, expected one that has some, such as a database.`,
      );
    }
    const clients = new Connections({ securityGroups: [this.clientSecurityGroup] });
    clients.allowTo(target, port, `Bastions of ${Stack.of(this).stackName}`);
  }

  /**
   * The list price of the pool in dollars per month, for `poolSize` bastions in the hours of `poolHours`.
   * @returns undefined without a pool, and for a region whose prices are not known
   */
  poolPricePerMonth(region: string): number | undefined {
    const { poolSize: size, cpu, memoryMiB } = this.resolved;
    if (size === 0) return undefined;
    const hours = v.parse(poolHours, this.resolved.poolHours);
    return poolPricePerMonth(region, { size, hoursPerWeek: hoursPerWeek(hours), task: { cpu, memoryMiB } });
  }

  /** Shows on the dashboard what the sessions cost by the list prices of `region`, if there is a dashboard and the prices are known. */
  showCost(region: string): void {
    const { cpu, memoryMiB } = this.resolved;
    const price = pricePerHour(region, processors.ssh, { cpu, memoryMiB });
    if (price !== undefined) this.dashboard?.addCost(price.toFixed(4));
  }

  private refuseSecond(): void {
    const stack = Stack.of(this);
    const others = stack.node.findAll().filter((construct) => construct instanceof Bastions && construct !== this);
    const other = others.find((construct) => Stack.of(construct) === stack);
    if (other === undefined) return;
    throw new Error(
      `Got a second Bastions, ${this.node.path}, in the stack ${stack.node.path} beside ${other.node.path}, ` +
        'expected one, because its functions and tags are named by the stack. Give it a stack of its own.',
    );
  }
}
