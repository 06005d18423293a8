import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { env, table as names } from '../lambdas/names.ts';
import { allow } from './allow.ts';

/** Sessions and claims. Every grant hands out the permission and the table's name together. */
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

  /** To read single rows and claims. */
  grantRead(fn: lambda.Function): void {
    this.grant(fn, 'dynamodb:GetItem');
  }

  /** To change rows, without making or removing any claim. */
  grantChange(fn: lambda.Function): void {
    this.grant(fn, 'dynamodb:GetItem', 'dynamodb:PutItem');
  }

  /** To read rows, and note beside them what a sweep has found. */
  grantNote(fn: lambda.Function): void {
    this.grant(fn, 'dynamodb:GetItem');
    allow(fn, {
      actions: ['dynamodb:PutItem'],
      resources: [this.table.tableArn],
      conditions: {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': `${names.orphanPrefix}*` },
        // ForAllValues also holds for a request without any key.
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
        Null: { 'dynamodb:LeadingKeys': 'false' },
      },
    });
  }

  /** To change rows, and to take and release claims. */
  grantConverge(fn: lambda.Function): void {
    this.grant(fn, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem');
  }

  /** To find the live rows, by when they must be looked at. */
  grantLive(fn: lambda.Function): void {
    this.grantQuery(fn, names.dueIndex.name);
  }

  /** To list the sessions of the last 30 days. */
  grantHistory(fn: lambda.Function): void {
    this.grantQuery(fn, names.historyIndex.name);
  }

  private grant(fn: lambda.Function, ...actions: string[]): void {
    fn.addEnvironment(env.table, this.table.tableName);
    allow(fn, { actions, resources: [this.table.tableArn] });
  }

  private grantQuery(fn: lambda.Function, index: string): void {
    fn.addEnvironment(env.table, this.table.tableName);
    allow(fn, { actions: ['dynamodb:Query'], resources: [`${this.table.tableArn}/index/${index}`] });
  }
}
