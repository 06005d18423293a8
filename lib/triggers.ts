import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { SweepRequest } from '../contracts/account.ts';
import type { Functions } from './functions/functions.ts';
import { allow, serviceOfThisAccount } from './functions/permissions.ts';

export interface TriggersProps {
  readonly clusterArn: string;
  readonly functions: Pick<Functions, 'teardown' | 'reaper' | 'taskStopped' | 'sweeper' | 'pool'>;
}

/**
 * The schedules and the event rule that call the functions without a waiting caller, and the queue of failed events.
 *
 * - AWS delivers every event at least once, and perhaps late. Neither matters: three of the functions converge a session, and the
 *   sweeper looks at the resources that exist.
 * - The reaper makes up for a lost event: it looks at every session that is due, every minute.
 */
export class Triggers extends Construct {
  /** Events that failed for good, for people to read: docs/runbook.md, section TeardownFailures. */
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
      reason: 'This is the dead-letter queue. It has no consumer that could fail again.',
    });
    this.every(Duration.minutes(1), functions.reaper, {
      id: 'EveryMinute',
      description: 'Has the reaper look at every session that is due.',
    });
    if (functions.pool) {
      this.every(Duration.minutes(1), functions.pool, {
        id: 'PoolEveryMinute',
        description: 'Has the pool start the bastions that it lacks.',
      });
    }
    const sweep: SweepRequest = { dryRun: false };
    this.every(Duration.minutes(10), functions.sweeper, {
      id: 'EveryTenMinutes',
      description: 'Has the sweeper look for tasks and security groups that no session explains.',
      input: sweep,
    });
    this.onTaskStopped(functions.taskStopped, clusterArn);
    for (const fn of [functions.teardown, functions.taskStopped]) this.retry(fn);
  }

  private every(period: Duration, fn: lambda.Function, { id, description, input }: Scheduled): void {
    const role = new iam.Role(this, `${id}Role`, {
      // https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
      assumedBy: serviceOfThisAccount('scheduler.amazonaws.com'),
    });
    allow(role, { actions: ['lambda:InvokeFunction'], resources: [fn.functionArn] });
    // CDK's own target would give more permissions: on versions and aliases of the function.
    const target = {
      arn: fn.functionArn,
      role,
      ...(input && { input: ScheduleTargetInput.fromObject(input) }),
      // A run that the Scheduler could not deliver is worth a retry until the next run is due. It is nothing for people to read: the
      // alarm OldestOverdueSession rings if the reaper falls silent.
      retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: period.toSeconds() },
    };
    const schedule = new Schedule(this, id, {
      description,
      schedule: ScheduleExpression.rate(period),
      target: { bind: () => target },
    });
    // The role brings its policy with it. A schedule runs for the first time the moment it exists.
    // https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
    schedule.node.addDependency(role);
    // Lambda counts a run that fails, and the next run does its work.
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
    allow(fn, { actions: ['sqs:SendMessage'], resources: [this.failures.queueArn] });
    fn.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: Duration.hours(1),
      onFailure: { bind: () => ({ destination: this.failures.queueArn }) },
    });
  }
}

interface Scheduled {
  readonly id: string;
  readonly description: string;
  readonly input?: object;
}
