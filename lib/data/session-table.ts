import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { env, table as names } from '../../contracts/stack.ts';
import { allow, keysThat } from '../functions/permissions.ts';

const { session, claim, places, orphan, signature } = names.prefixes;

/**
 * The table of sessions, claims, and notes beside them. Every grant gives the permission and the table's name together, and
 * allows a function to write only the types of items that are its work.
 */
export class SessionTable extends Construct {
  private readonly table: dynamodb.Table;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { dueIndex, historyIndex, claimIndex } = names;
    this.table = new dynamodb.Table(this, 'Table', {
      partitionKey: { name: names.key, type: dynamodb.AttributeType.STRING },
      timeToLiveAttribute: names.ttl,
      stream: dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      // It holds the live sessions and 30 days of ended ones. When the stack goes, no session lives, and the log groups tell
      // the past.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    for (const index of [dueIndex, historyIndex, claimIndex]) {
      this.table.addGlobalSecondaryIndex({
        indexName: index.name,
        partitionKey: { name: index.partitionKey, type: dynamodb.AttributeType.STRING },
        sortKey: { name: index.sortKey, type: dynamodb.AttributeType.NUMBER },
        projectionType: dynamodb.ProjectionType.ALL,
      });
    }
  }

  /** Has a function get every change of a session's row, in order, and again until it has taken it. Gives it the permission. */
  announceTo(fn: lambda.Function): void {
    const eventSourceArn = this.table.tableStreamArn;
    if (eventSourceArn === undefined) throw new Error('Got a table without a stream, expected one.');
    allow(fn, {
      actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
      resources: [eventSourceArn],
    });
    new lambda.EventSourceMapping(this, 'Announcements', {
      target: fn,
      eventSourceArn,
      // From the first change on. A mapping that begins with the latest one may miss the first.
      // https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
      startingPosition: lambda.StartingPosition.TRIM_HORIZON,
      filters: [
        lambda.FilterCriteria.filter({
          dynamodb: { Keys: { [names.key]: { S: lambda.FilterRule.beginsWith(session) } } },
        }),
      ],
    });
  }

  /** Permission to see whether the table answers. Strangers may ask, so it covers one key, which no item has. */
  grantHealthCheck(fn: lambda.Function): void {
    fn.addEnvironment(env.table, this.table.tableName);
    allow(fn, {
      actions: ['dynamodb:GetItem'],
      resources: [this.table.tableArn],
      conditions: keysThat('StringEquals', names.healthKey),
    });
  }

  /** Permission to read single rows and claims. */
  grantRead(fn: lambda.Function): void {
    fn.addEnvironment(env.table, this.table.tableName);
    allow(fn, { actions: ['dynamodb:GetItem'], resources: [this.table.tableArn] });
  }

  /** Permission to read rows in one request, together with a look at a handoff item. */
  grantReadTogether(fn: lambda.Function): void {
    this.allowItems(fn, 'dynamodb:BatchGetItem', session);
  }

  /** Permission to read and change rows. */
  grantChange(fn: lambda.Function): void {
    this.grantRead(fn);
    this.allowItems(fn, 'dynamodb:PutItem', session);
  }

  /** Permission to change rows and release their claims. */
  grantConverge(fn: lambda.Function): void {
    this.grantChange(fn);
    this.allowItems(fn, 'dynamodb:DeleteItem', claim);
  }

  /** Permission, beside `grantConverge`, to take and release places. A side that could use up the other's would lock people out. */
  grantPlaces(fn: lambda.Function, group: 'people' | 'targets' | 'all'): void {
    this.allowItems(fn, 'dynamodb:UpdateItem', group === 'all' ? places : `${places}${group}`);
  }

  /** Permission, beside `grantConverge`, to take claims and to delete a row whose claim was taken. */
  grantTakeClaims(fn: lambda.Function): void {
    this.allowItems(fn, 'dynamodb:PutItem', claim);
    this.grantForget(fn);
  }

  /** Permission to delete a row that owns nothing. */
  grantForget(fn: lambda.Function): void {
    this.allowItems(fn, 'dynamodb:DeleteItem', session);
  }

  /** Permission to read rows, many in one request, and to note beside them the orphans of a sweep. */
  grantSweep(fn: lambda.Function): void {
    fn.addEnvironment(env.table, this.table.tableName);
    this.allowItems(fn, 'dynamodb:BatchGetItem', session);
    this.allowItems(fn, 'dynamodb:GetItem', orphan);
    this.allowItems(fn, 'dynamodb:PutItem', orphan);
  }

  /** Permission to note used signatures. */
  grantNoteSignatures(fn: lambda.Function): void {
    this.allowItems(fn, 'dynamodb:PutItem', signature);
  }

  /** Permission to list the rows that are not stopped, by the time of their next check. */
  grantListUnfinished(fn: lambda.Function): void {
    this.grantQuery(fn, names.dueIndex.name);
  }

  /** Permission to list the sessions of the last 30 days. */
  grantListHistory(fn: lambda.Function): void {
    this.grantQuery(fn, names.historyIndex.name);
    this.grantListUnfinished(fn);
    this.grantListByClaim(fn);
  }

  /** Permission to list the sessions of one claim. */
  grantListByClaim(fn: lambda.Function): void {
    this.grantQuery(fn, names.claimIndex.name);
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
