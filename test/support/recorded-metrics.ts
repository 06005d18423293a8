import type { StartKind } from '../../contracts/stack.ts';
import type { Metrics, OrphanCounts, ReapedFigures } from '../../lambdas/core/session/ports.ts';

/** Metrics that keep every figure, in the order of the reports. */
export function recordMetrics() {
  const passes: ReapedFigures[] = [];
  const orphans: OrphanCounts[] = [];
  /** The starts that came up. */
  const starts: { readonly kind: StartKind; readonly seconds: number }[] = [];
  const failedStarts: StartKind[] = [];
  /** For each start with a pool, whether it found a free bastion there. */
  const poolAnswers: boolean[] = [];
  const metrics: Metrics = {
    reaped: (figures) => passes.push(figures),
    swept: (counts) => orphans.push(counts),
    started: (kind, seconds) => starts.push({ kind, seconds }),
    startFailed: (kind) => failedStarts.push(kind),
    poolAsked: (isHit) => poolAnswers.push(isHit),
  };
  return { metrics, figures: { passes, orphans, starts, failedStarts, poolAnswers } };
}
