/** What must have happened by a moment. A reaper that works sees to it, although every event may be lost. */
import { taskIdOf } from '../support/task-id.ts';
import { minuteMs } from '../support/time.ts';
import type { Evidence } from './evidence.ts';
import { isAwaited, skewMs } from './expectations.ts';
import { isLive, isUntaken, type Row } from './ledger.ts';
import { groupOf, placeFreeMs } from './places.ts';
import { pastAgeMs } from './pool.ts';

/** A check-up comes every five minutes, and a pass or two of the reaper after it. */
export const noticedMs = 7 * minuteMs;
/** A bastion that starts has a check-up every minute. */
const startNoticedMs = 3 * minuteMs;
/** The 15 minutes that a bastion has to come up, and two passes of the reaper after them. */
const startEndsMs = 17 * minuteMs + skewMs;

interface Watch {
  readonly after: (ms: number, action: () => void) => void;
  readonly record: (violation: string) => void;
  /** Whether a fault has hit the reaper since. */
  readonly wasReaperHit: (since: number) => boolean;
}

export class Deadlines {
  readonly #evidence: Evidence;
  readonly #watch: Watch;

  constructor(evidence: Evidence, watch: Watch) {
    this.#evidence = evidence;
    this.#watch = watch;
  }

  /** The container of a task has come up or ended. */
  expectNoticed(taskId: string): void {
    const { ledger, containers } = this.#evidence;
    const [, sessionId = ''] = [...ledger.tasks].find(([arn]) => taskIdOf(arn) === taskId) ?? [];
    const beganAt = this.#evidence.now();
    const expectWithin = (ms: number, isNoticed: (row: Row) => boolean, complaint: string) =>
      this.#watch.after(ms, () => {
        const row = ledger.rows.get(sessionId);
        // Somebody may have taken it since, and waits for another sign of the same task.
        const isSameStart = (ledger.creations.get(sessionId)?.at ?? 0) <= beganAt;
        if (row && isLive(row) && isSameStart && !isNoticed(row) && !this.#watch.wasReaperHit(beganAt))
          this.#watch.record(`session ${sessionId} ${complaint}`);
      });
    const hasEnded = containers.endedAt(taskId) !== undefined;
    const isItemBack = () => [...ledger.handoffs].some((key) => key.endsWith(`:${taskId}`));
    const isAwaitedStill = (row: Row) => isAwaited(row) && !isItemBack();
    if (hasEnded) expectWithin(noticedMs, () => false, 'lives although its container ended');
    expectWithin(
      startNoticedMs,
      (row) => !isAwaitedStill(row),
      hasEnded ? 'starts although its container ended' : 'starts although its agent came up',
    );
  }

  /** AWS has accepted the task of a bastion. */
  expectEndOfStart({ sessionId }: Row): void {
    const beganAt = this.#evidence.now();
    this.#watch.after(startEndsMs, () => {
      const row = this.#evidence.ledger.rows.get(sessionId);
      if (row && isAwaited(row) && !this.#watch.wasReaperHit(beganAt + startEndsMs - startNoticedMs))
        this.#watch.record(`session ${sessionId} has not come up, and lives`);
    });
  }

  /** The pool has started a bastion. */
  expectPoolEnd({ sessionId }: Row): void {
    const { ledger, pool } = this.#evidence;
    const endsAt = this.#evidence.now() + pool.maxAgeMs;
    this.#watch.after(pool.maxAgeMs + pastAgeMs, () => {
      const row = ledger.rows.get(sessionId);
      if (row && isLive(row) && isUntaken(row) && !this.#watch.wasReaperHit(endsAt - skewMs))
        this.#watch.record(`session ${sessionId} is in the pool although it is too old`);
    });
  }

  /** A session has ended. */
  expectPlaceFree({ sessionId, claim }: Row): void {
    const endedAt = this.#evidence.now();
    this.#watch.after(placeFreeMs, () => {
      const isHeld = this.#evidence.places.holders(groupOf(claim)).has(sessionId);
      if (isHeld && !this.#watch.wasReaperHit(endedAt))
        this.#watch.record(`session ${sessionId} has ended, and holds its place`);
    });
  }
}
