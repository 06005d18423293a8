import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { metrics } from '../contracts/stack.ts';
import type { Config } from './settings/config.ts';

export interface AlarmsProps {
  readonly config: Pick<Config, 'alarmTopicArn'>;
  readonly reaper: lambda.Function;
  readonly sweeper: lambda.Function;
  readonly failures: sqs.Queue;
}

/** What a person has to look at. Each alarm has a section of its name in docs/runbook.md. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, { config, reaper, sweeper, failures }: AlarmsProps) {
    super(scope, id);
    const { BREACHING, NOT_BREACHING } = cloudwatch.TreatMissingData;
    const topic =
      config.alarmTopicArn === undefined ? undefined : Topic.fromTopicArn(this, 'Topic', config.alarmTopicArn);
    const alarm = (name: string, meaning: string, props: cloudwatch.AlarmProps) => {
      const made = new cloudwatch.Alarm(this, name, {
        ...props,
        alarmDescription: `${meaning} What to do: docs/runbook.md, section ${name}.`,
      });
      if (topic !== undefined) made.addAlarmAction(new SnsAction(topic));
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
      metric: this.ownMetric(metrics.oldestOverdueSeconds, Duration.minutes(5)),
      threshold: 600,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 3,
      // The reaper writes it every minute, so silence means that nobody removes what is due.
      treatMissingData: BREACHING,
    });
    alarm('OrphansFound', 'There are tasks or security groups that no session explains.', {
      metric: this.ownMetric(metrics.orphansSeen, Duration.minutes(10)),
      threshold: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // A resource that is removed just when the sweeper looks may be seen once; an orphan is seen again.
      evaluationPeriods: 2,
      treatMissingData: NOT_BREACHING,
    });
    alarm('SweeperErrors', 'The sweeper failed three times within half an hour.', {
      metric: sweeper.metricErrors({ period: Duration.minutes(10) }),
      threshold: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 3,
      treatMissingData: NOT_BREACHING,
    });
  }

  /** One that a function writes, which it does under the name of its stack. */
  private ownMetric(metricName: string, period: Duration): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: metrics.namespace,
      metricName,
      dimensionsMap: { service: Stack.of(this).stackName },
      period,
      statistic: 'Maximum',
    });
  }
}
