import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { metrics } from '../contracts/stack.ts';
import { AlarmTopic } from './alarm-topic.ts';
import type { ResolvedProps } from './settings/rules.ts';
import { stackMetric } from './stack-metric.ts';

export interface AlarmsProps extends Pick<ResolvedProps, 'alarmEmail' | 'alarmTopicArn'> {
  readonly reaper: lambda.Function;
  readonly sweeper: lambda.Function;
  readonly announce: lambda.Function;
  readonly failures: sqs.Queue;
}

/** The alarms that call for a person. Each has a section of its name in docs/runbook.md. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, { reaper, sweeper, announce, failures, ...props }: AlarmsProps) {
    super(scope, id);
    const { BREACHING, NOT_BREACHING } = cloudwatch.TreatMissingData;
    const topic = this.topicOf(props);
    const alarm = (name: string, meaning: string, props: cloudwatch.AlarmProps) => {
      const created = new cloudwatch.Alarm(this, name, {
        ...props,
        alarmDescription: `${meaning} What to do: docs/runbook.md, section ${name}.`,
      });
      if (topic !== undefined) created.addAlarmAction(new SnsAction(topic));
    };

    alarm('ReaperErrors', 'The reaper failed in three of the last five minutes.', {
      metric: reaper.metricErrors({ period: Duration.minutes(1) }),
      threshold: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
      treatMissingData: NOT_BREACHING,
    });
    alarm('TeardownFailures', 'An event that should have removed a session failed for good.', {
      metric: failures.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5), statistic: 'Maximum' }),
      threshold: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: NOT_BREACHING,
    });
    alarm('OldestOverdueSession', 'A session is overdue by more than ten minutes, or the reaper has fallen silent.', {
      metric: stackMetric(this, metrics.oldestOverdueSeconds, { period: Duration.minutes(5), statistic: 'Maximum' }),
      threshold: 600,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 3,
      // The reaper writes it every minute. Silence means that sessions which are due stay.
      treatMissingData: BREACHING,
    });
    alarm('OrphansFound', 'There are tasks or security groups that no session explains.', {
      metric: stackMetric(this, metrics.orphansSeen, { period: Duration.minutes(10), statistic: 'Maximum' }),
      threshold: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // The sweeper may see a resource once that is being removed. It sees an orphan again.
      evaluationPeriods: 2,
      treatMissingData: NOT_BREACHING,
    });
    alarm('SweeperErrors', 'The sweeper failed three times within half an hour, or has fallen silent.', {
      metric: sweeper.metricErrors({ period: Duration.minutes(10) }),
      threshold: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 3,
      // Lambda counts the errors of every run, also when there are none. Silence means that orphans stay.
      treatMissingData: BREACHING,
    });
    alarm('LateEvents', 'The events of sessions are late by more than ten minutes.', {
      // The time in milliseconds that the last change of a row has waited. https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
      metric: announce.metric('IteratorAge', { period: Duration.minutes(5), statistic: 'Maximum' }),
      threshold: Duration.minutes(10).toMilliseconds(),
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: NOT_BREACHING,
    });
  }

  private topicOf({
    alarmEmail,
    alarmTopicArn,
  }: Pick<ResolvedProps, 'alarmEmail' | 'alarmTopicArn'>): ITopic | undefined {
    if (alarmTopicArn !== undefined) return Topic.fromTopicArn(this, 'Topic', alarmTopicArn);
    return alarmEmail === undefined ? undefined : new AlarmTopic(this, 'Email', alarmEmail).topic;
  }
}
