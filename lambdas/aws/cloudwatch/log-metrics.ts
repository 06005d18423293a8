import { Metrics as EmbeddedMetrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { metrics as names } from '../../../contracts/stack.ts';
import type { Metrics, OrphanCounts } from '../../core/session/ports.ts';

/**
 * Writes CloudWatch metrics through the log (embedded metric format), which takes no call and no permission. The stack's name
 * tells two deployments in one account apart.
 */
export class LogMetrics implements Metrics {
  readonly #metrics: EmbeddedMetrics;

  constructor(stack: string) {
    this.#metrics = new EmbeddedMetrics({ namespace: names.namespace, serviceName: stack });
  }

  reaped(oldestOverdueSeconds: number): void {
    this.#metrics.addMetric(names.oldestOverdueSeconds, MetricUnit.Seconds, oldestOverdueSeconds);
    this.#metrics.publishStoredMetrics();
  }

  /** Writes no zeros: a custom metric costs for every hour in which it is written. */
  swept({ seen, removed }: OrphanCounts): void {
    if (seen === 0 && removed === 0) return;
    this.#metrics.addMetric(names.orphansSeen, MetricUnit.Count, seen);
    this.#metrics.addMetric(names.orphansRemoved, MetricUnit.Count, removed);
    this.#metrics.publishStoredMetrics();
  }
}
