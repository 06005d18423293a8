import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { env, table as names } from '../../contracts/stack.ts';
import { allow, keysThat } from '../functions/permissions.ts';

const { session, claim, orphan, signature } = names.prefixes;

/**
 * Sessions, claims, and notes beside them. Every grant hands out the permission and the table's name together, and lets a
 * function write only the types of items that are its work.
 */
export class SessionTable extends Construct {
  private readonly table: dynamodb.Table;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { dueIndex, historyIndex } = names;
    this.table = new dynamodb.Table(this, 'Table', {
      partitionKey: { name: names.key, type: dynamodb.AttributeType.STRING },
      timeToLiveAttribute: names.ttl,
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      // It holds what runs now and 30 days of who had a bastion. Without the stack nothing runs, the log groups tell
      // the past, and a table that outlived its stack would only be rubbish to find later.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    for (const index of [dueIndex, historyIndex]) {
      this.table.addGlobalSecondaryIndex({
        indexName: index.name,
        partitionKey: { name: index.partitionKey, type: dynamodb.AttributeType.STRING },
        sortKey: { name: index.sortKey, type: dynamodb.AttributeType.NUMBER },
        projectionType: dynamodb.ProjectionType.ALL,
      });
    }
  }

  /** To see whether the table answers, for whoever asks: so it can read nothing. */
  grantHealth(fn: lambda.Function): void {
    fn.addEnvironment(env.table, this.table.tableName);
    allow(fn, {
      actions: ['dynamodb:GetItem'],
      resources: [this.table.tableArn],
      conditions: keysThat('StringEquals', names.healthKey),
    });
  }

  /** To read single rows and claims. */
  grantRead(fn: lambda.Function): void {
    fn.addEnvironment(env.table, this.table.tableName);
    allow(fn, { actions: ['dynamodb:GetItem'], resources: [this.table.tableArn] });
  }

  /** To change rows. */
  grantChange(fn: lambda.Function): void {
    this.grantRead(fn);
    this.allowItems(fn, 'dynamodb:PutItem', session);
  }

  /** To change rows, and release their claims. */
  grantConverge(fn: lambda.Function): void {
    this.grantChange(fn);
    this.allowItems(fn, 'dynamodb:DeleteItem', claim);
  }

  /** Beside `grantConverge`: to take claims, and to forget the row that found its claim taken. */
  grantClaim(fn: lambda.Function): void {
    this.allowItems(fn, 'dynamodb:PutItem', claim);
    this.allowItems(fn, 'dynamodb:DeleteItem', session);
  }

  /** To read rows, and note beside them what a sweep has found. */
  grantNote(fn: lambda.Function): void {
    this.grantRead(fn);
    this.allowItems(fn, 'dynamodb:PutItem', orphan);
  }

  /** To remember which signatures have been used. */
  grantReplays(fn: lambda.Function): void {
    this.allowItems(fn, 'dynamodb:PutItem', signature);
  }

  /** To find the rows that are not stopped, by when they must be looked at. */
  grantUnfinished(fn: lambda.Function): void {
    this.grantQuery(fn, names.dueIndex.name);
  }

  /** To list the sessions of the last 30 days. */
  grantHistory(fn: lambda.Function): void {
    this.grantQuery(fn, names.historyIndex.name);
  }

  private allowItems(fn: lambda.Function, action: string, prefix: string): void {
    allow(fn, {
      actions: [action],
      resources: [this.table.tableArn],
      conditions: keysThat('StringLike', `${prefix}*`),
    });
  }

  private grantQuery(fn: lambda.Function, index: string): void {
    fn.addEnvironment(env.table, this.table.tableName);
    allow(fn, { actions: ['dynamodb:Query'], resources: [`${this.table.tableArn}/index/${index}`] });
  }
}
