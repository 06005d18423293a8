import { Metrics as EmbeddedMetrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { metrics as names, type StartKind } from '../../../contracts/stack.ts';
import type { Metrics, OrphanCounts, ReapedFigures } from '../../core/session/ports.ts';

const { Count, Seconds } = MetricUnit;

/**
 * Writes CloudWatch metrics through the log (embedded metric format), which takes no call and no permission. The stack's name
 * tells two deployments in one account apart. A custom metric costs for every hour in which it is written, so an absent figure is
 * left out, and nobody writes zeros that say nothing.
 */
export class LogMetrics implements Metrics {
  readonly #metrics: EmbeddedMetrics;

  constructor(stack: string) {
    this.#metrics = new EmbeddedMetrics({ namespace: names.namespace, serviceName: stack });
  }

  reaped({ oldestOverdueSeconds, liveSessions, poolReady }: ReapedFigures): void {
    this.#metrics.addMetric(names.oldestOverdueSeconds, Seconds, oldestOverdueSeconds);
    if (liveSessions !== undefined) this.#metrics.addMetric(names.liveSessions, Count, liveSessions);
    if (poolReady !== undefined) this.#metrics.addMetric(names.poolReady, Count, poolReady);
    this.#metrics.publishStoredMetrics();
  }

  swept({ seen, removed }: OrphanCounts): void {
    if (seen === 0 && removed === 0) return;
    this.#metrics.addMetric(names.orphansSeen, Count, seen);
    this.#metrics.addMetric(names.orphansRemoved, Count, removed);
    this.#metrics.publishStoredMetrics();
  }

  started(kind: StartKind, seconds: number): void {
    this.#metrics.addDimension(names.startDimension, kind);
    this.#metrics.addMetric(names.startSeconds, Seconds, seconds);
    this.#metrics.publishStoredMetrics();
  }

  startFailed(kind: StartKind): void {
    this.#metrics.addDimension(names.startDimension, kind);
    this.#metrics.addMetric(names.failedStarts, Count, 1);
    this.#metrics.publishStoredMetrics();
  }

  poolAsked(isHit: boolean): void {
    this.#metrics.addMetric(isHit ? names.poolHits : names.poolMisses, Count, 1);
    this.#metrics.publishStoredMetrics();
  }
}
