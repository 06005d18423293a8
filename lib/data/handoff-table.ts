import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { handoff as names, taskEnv } from '../../contracts/agent.ts';
import { env } from '../../contracts/stack.ts';
import { taskRole } from '../agents/agent-roles.ts';
import { allow, keysThat } from '../functions/permissions.ts';

/**
 * The table through which a task gets its activation. An activation is a secret, and everyone who may describe tasks can read
 * overrides. So it is an item whose key is the identity of the task's own credentials, and the task's role allows that one item.
 */
export class Handoff extends Construct {
  /** The role shared by all agents that webhooks start. */
  readonly taskRole: iam.Role;
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

    this.taskRole = taskRole(this, 'Role', 'Lets a task take its own handoff, and do nothing else in AWS.');
    allow(this.taskRole, {
      actions: ['dynamodb:GetItem', 'dynamodb:DeleteItem'],
      resources: [this.table.tableArn],
      // In the session of a task, aws:userid is `<role id>:<task id>`. The task cannot change it.
      // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
      // biome-ignore lint/suspicious/noTemplateCurlyInString: IAM fills it in for each request.
      conditions: keysThat('StringEquals', '${aws:userid}'),
    });
  }

  /** The environment variable that names the table to an agent. */
  get taskEnvironment(): Record<string, string> {
    return { [taskEnv.handoffTable]: this.table.tableName };
  }

  /** Permission to write a task's activation. */
  grantPut(fn: lambda.Function): void {
    this.grant(fn, 'dynamodb:PutItem');
  }

  /** Permission to remove an activation that its task has not fetched. */
  grantRemove(fn: lambda.Function): void {
    this.grant(fn, 'dynamodb:DeleteItem');
  }

  private grant(fn: lambda.Function, action: string): void {
    fn.addEnvironment(env.handoffTable, this.table.tableName);
    fn.addEnvironment(env.handoffRoleId, this.taskRole.roleId);
    allow(fn, { actions: [action], resources: [this.table.tableArn] });
  }
}
