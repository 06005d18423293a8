import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Sweep } from '../core/reap.ts';
import type { OrphanCounts } from '../core/sweep.ts';
import { metrics as names } from '../names.ts';

/**
 * Writes what a sweep saw as CloudWatch metrics, through the log (embedded metric format): no call, no permission.
 * The stack's name tells two deployments in one account apart.
 */
export function sweepMetrics(stack: string): (sweep: Sweep) => void {
  const metrics = new Metrics({ namespace: names.namespace, serviceName: stack });
  return ({ oldestOverdueSeconds }) => {
    metrics.addMetric(names.oldestOverdueSeconds, MetricUnit.Seconds, oldestOverdueSeconds);
    metrics.publishStoredMetrics();
  };
}

export function orphanMetrics(stack: string): (counts: OrphanCounts) => void {
  const metrics = new Metrics({ namespace: names.namespace, serviceName: stack });
  return ({ seen, removed }) => {
    metrics.addMetric(names.orphansSeen, MetricUnit.Count, seen);
    metrics.addMetric(names.orphansRemoved, MetricUnit.Count, removed);
    metrics.publishStoredMetrics();
  };
}
