import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { metrics as names } from '../../../contracts/stack.ts';
import type { Pass } from '../../core/end/reap.ts';
import type { OrphanCounts } from '../../core/sweep/sweep.ts';

/**
 * Writes what a pass of the reaper saw as CloudWatch metrics, through the log (embedded metric format): no call, no
 * permission. The stack's name tells two deployments in one account apart.
 */
export function passMetrics(stack: string): (pass: Pass) => void {
  const metrics = new Metrics({ namespace: names.namespace, serviceName: stack });
  return ({ oldestOverdueSeconds }) => {
    metrics.addMetric(names.oldestOverdueSeconds, MetricUnit.Seconds, oldestOverdueSeconds);
    metrics.publishStoredMetrics();
  };
}

/** The same for what a sweep found. A custom metric costs by the hour in which it is written: nothing found, nothing written. */
export function orphanMetrics(stack: string): (counts: OrphanCounts) => void {
  const metrics = new Metrics({ namespace: names.namespace, serviceName: stack });
  return ({ seen, removed }) => {
    if (seen === 0 && removed === 0) return;
    metrics.addMetric(names.orphansSeen, MetricUnit.Count, seen);
    metrics.addMetric(names.orphansRemoved, MetricUnit.Count, removed);
    metrics.publishStoredMetrics();
  };
}
