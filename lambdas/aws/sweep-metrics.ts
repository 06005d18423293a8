import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Sweep } from '../core/reap.ts';
import { metrics as names } from '../names.ts';

/** Writes what a sweep saw as CloudWatch metrics, through the log (embedded metric format): no call, no permission. */
export function sweepMetrics(): (sweep: Sweep) => void {
  const metrics = new Metrics({ namespace: names.namespace });
  return ({ oldestOverdueSeconds }) => {
    metrics.addMetric(names.oldestOverdueSeconds, MetricUnit.Seconds, oldestOverdueSeconds);
    metrics.publishStoredMetrics();
  };
}
