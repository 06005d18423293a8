import { Aws, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { SweepRequest } from '../contracts/account.ts';
import type { Functions } from './functions/functions.ts';
import { allow } from './functions/permissions.ts';

export interface TriggersProps {
  readonly clusterArn: string;
  readonly functions: Pick<Functions, 'teardown' | 'reaper' | 'taskStopped' | 'sweeper'>;
}

/**
 * What calls the functions that nobody waits for, and where an event ends up that none of them could handle.
 *
 * Every event is delivered at least once and perhaps late; three of the functions converge a session, so that neither
 * matters, and the sweeper looks at what there is.
 * An event that is lost for good is caught by the reaper, which looks at whatever is due every minute.
 */
export class Triggers extends Construct {
  /** Events that failed for good. Nothing reads it but people: see docs/runbook.md. */
  readonly failures: sqs.Queue;

  constructor(scope: Construct, id: string, { clusterArn, functions }: TriggersProps) {
    super(scope, id);
    this.failures = new sqs.Queue(this, 'Failures', {
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(this.failures).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'This is the dead-letter queue; nothing consumes it that could fail again.',
    });
    this.every(Duration.minutes(1), functions.reaper, {
      id: 'EveryMinute',
      description: 'Has the reaper look at every session that is due.',
    });
    const asUsual: SweepRequest = { dryRun: false };
    this.every(Duration.minutes(10), functions.sweeper, {
      id: 'EveryTenMinutes',
      description: 'Has the sweeper look for tasks and security groups that no session explains.',
      input: asUsual,
    });
    this.onTaskStopped(functions.taskStopped, clusterArn);
    for (const fn of [functions.teardown, functions.taskStopped]) this.retry(fn);
  }

  private every(period: Duration, fn: lambda.Function, { id, description, input }: Scheduled): void {
    const role = new iam.Role(this, `${id}Role`, {
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com').withConditions({
        StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
      }),
    });
    allow(role, { actions: ['lambda:InvokeFunction'], resources: [fn.functionArn] });
    this.allowToFail(role);
    // CDK's own target and destination for what fails would grant more than it takes: versions and aliases of the
    // function, and attributes of the queue.
    const target = {
      arn: fn.functionArn,
      role,
      ...(input && { input: ScheduleTargetInput.fromObject(input) }),
      // The next run is the retry.
      retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      deadLetterConfig: { arn: this.failures.queueArn },
    };
    const schedule = new Schedule(this, id, {
      description,
      schedule: ScheduleExpression.rate(period),
      target: { bind: () => target },
    });
    // With the policy that is part of it: a schedule runs for the first time the moment it is there.
    // https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
    schedule.node.addDependency(role);
    // Same here: a run that fails is counted by Lambda, and the next one does its work.
    fn.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
  }

  private onTaskStopped(taskStopped: lambda.Function, clusterArn: string): void {
    new events.Rule(this, 'TaskStopped', {
      description: 'Has a session removed as soon as its task has stopped, for whatever reason.',
      eventPattern: {
        source: ['aws.ecs'],
        detailType: ['ECS Task State Change'],
        detail: { clusterArn: [clusterArn], lastStatus: ['STOPPED'] },
      },
      targets: [
        new LambdaFunction(taskStopped, {
          retryAttempts: 4,
          maxEventAge: Duration.hours(1),
          deadLetterQueue: this.failures,
        }),
      ],
    });
  }

  private retry(fn: lambda.Function): void {
    this.allowToFail(fn);
    fn.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: Duration.hours(1),
      onFailure: { bind: () => ({ destination: this.failures.queueArn }) },
    });
  }

  /** To leave what failed for good in the queue. */
  private allowToFail(grantee: iam.IGrantable): void {
    allow(grantee, { actions: ['sqs:SendMessage'], resources: [this.failures.queueArn] });
  }
}

interface Scheduled {
  readonly id: string;
  readonly description: string;
  readonly input?: object;
}
