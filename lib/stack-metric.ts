import { Stack } from 'aws-cdk-lib';
import { Metric, type MetricProps } from 'aws-cdk-lib/aws-cloudwatch';
import type { IConstruct } from 'constructs';
import { metrics, type StartKind } from '../contracts/stack.ts';

export interface StackMetricProps extends Pick<MetricProps, 'period' | 'statistic' | 'label' | 'color'> {
  /** The kind of starts that the metric is about. Absent for a metric that is not split by it. */
  readonly start?: StartKind;
}

/** A metric that the functions write. Its dimension is the name of the stack. */
export const stackMetric = (scope: IConstruct, metricName: string, { start, ...props }: StackMetricProps): Metric =>
  new Metric({
    namespace: metrics.namespace,
    metricName,
    dimensionsMap: {
      [metrics.stackDimension]: Stack.of(scope).stackName,
      ...(start !== undefined && { [metrics.startDimension]: start }),
    },
    ...props,
  });
