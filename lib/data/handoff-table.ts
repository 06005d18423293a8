import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { handoff as names, taskEnv } from '../../contracts/agent.ts';
import { env } from '../../contracts/stack.ts';
import { taskRole } from '../agents/agent-roles.ts';
import { allow, keysThat } from '../functions/permissions.ts';

/** A write that returns the old item reads it. */
const returningNothing = { StringEqualsIfExists: { 'dynamodb:ReturnValues': 'NONE' } };

/** The tasks of one role, which their handoff items' keys begin with. */
export interface HandoffSide {
  readonly role: iam.Role;
  /** The variable that tells a function the id of that role. */
  readonly variable: string;
}

/**
 * The table through which a task gets its secrets: host keys, or an activation. Everyone who may describe tasks can read
 * overrides. So the secrets are an item whose key is the identity of the task's own credentials, and the task's role allows that
 * one item. The agent deletes the item once it is up.
 */
export class Handoff extends Construct {
  /** All agents that webhooks start. */
  readonly targets: HandoffSide;
  private readonly table: dynamodb.Table;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.table = new dynamodb.Table(this, 'Table', {
      partitionKey: { name: names.key, type: dynamodb.AttributeType.STRING },
      timeToLiveAttribute: names.ttl,
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(this.table).acknowledge({
      id: 'AwsSolutions-DDB3',
      reason: 'Its items are secrets that live for seconds. None of them may survive in a backup.',
    });
    const role = taskRole(this, 'Role', 'Lets a task take its own handoff, and do nothing else in AWS.');
    this.targets = { role, variable: env.targetRoleId };
    this.grantTake(role);
  }

  /** Permission of a task to take its own item. */
  grantTake(role: iam.Role): void {
    allow(role, {
      actions: ['dynamodb:GetItem', 'dynamodb:DeleteItem'],
      resources: [this.table.tableArn],
      // In the session of a task, aws:userid is `<role id>:<task id>`. The task cannot change it.
      // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
      // biome-ignore lint/suspicious/noTemplateCurlyInString: IAM fills it in for each request.
      conditions: keysThat('StringEquals', '${aws:userid}'),
    });
  }

  /** The environment variables with which an agent finds its item. */
  taskEnvironment({ role }: Pick<HandoffSide, 'role'>): Record<string, string> {
    return { [taskEnv.handoffTable]: this.table.tableName, [taskEnv.handoffRoleId]: role.roleId };
  }

  /** Permission to write the items of these tasks, and not to get the item that was there before. */
  grantPut(fn: lambda.Function, side: HandoffSide): void {
    this.grant(fn, 'dynamodb:PutItem', side, returningNothing);
  }

  /** Permission to remove the items that these tasks have left, and not to get them. */
  grantRemove(fn: lambda.Function, ...sides: readonly HandoffSide[]): void {
    for (const side of sides) {
      this.grant(fn, 'dynamodb:DeleteItem', side, {
        ...returningNothing,
        // A condition on another attribute would tell what it holds.
        'ForAllValues:StringEquals': { 'dynamodb:Attributes': names.key },
      });
    }
  }

  /** Permission to see whether an item of these tasks is there. What it holds stays out of reach. */
  grantLook(fn: lambda.Function, side: HandoffSide): void {
    this.grant(fn, 'dynamodb:BatchGetItem', side, {
      // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
      'ForAllValues:StringEquals': { 'dynamodb:Attributes': names.key },
      StringEqualsIfExists: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
      // A request that names no attribute gets them all.
      Null: { 'dynamodb:Attributes': 'false' },
    });
  }

  private grant(
    fn: lambda.Function,
    action: string,
    { role, variable }: HandoffSide,
    { Null, ...conditions }: Record<string, Record<string, string>> = {},
  ): void {
    fn.addEnvironment(env.handoffTable, this.table.tableName);
    fn.addEnvironment(variable, role.roleId);
    const keys = keysThat('StringLike', `${role.roleId}:*`);
    allow(fn, {
      actions: [action],
      resources: [this.table.tableArn],
      conditions: { ...keys, ...conditions, Null: { ...keys.Null, ...Null } },
    });
  }
}
