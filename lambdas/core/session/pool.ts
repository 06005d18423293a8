/** The pool of a deployment: the bastions that wait for an owner, and how many of them there should be. */
import { isWithin, type PoolHours } from '../../../contracts/pool-hours.ts';
import type { StartKind } from '../../../contracts/stack.ts';
import { poolClaim } from './pool-claim.ts';
import type { Ports } from './ports.ts';
import { type Instant, isUp, type Session } from './session.ts';
import type { PoolDemand } from './settings.ts';
import { isAsDemanded } from './take.ts';

export interface PoolPlan extends PoolDemand {
  /** Bastions that wait within the hours. */
  readonly poolSize: number;
  readonly poolHours: PoolHours;
}

/** The next bastion starts so long before one expires that it is up by then. */
const renewalMs = 3 * 60_000;

/** More than a pool has, also while one deployment replaces another's. */
const mostPooled = 100;

/** The bastions that nobody has taken, oldest first. Eventually consistent: read a row again before you change it. */
export async function pooledBastions(ports: Pick<Ports, 'sessions' | 'log'>): Promise<readonly Session[]> {
  const { sessions, unreadable } = await ports.sessions.history({ claim: poolClaim, limit: mostPooled });
  for (const row of unreadable) ports.log.error('pooled row left out', row);
  return sessions.toReversed();
}

export interface PoolState {
  /** Bastions to start now. */
  readonly missing: number;
  /** Bastions to end now. The ones that are about to expire are left to that. */
  readonly surplus: readonly Session[];
}

/** Compares the pool with its plan. */
export function poolState(pooled: readonly Session[], plan: PoolPlan, now: Instant): PoolState {
  const wanted = isWithin(plan.poolHours, now) ? plan.poolSize : 0;
  const [outdated, current] = split(pooled, (session) => !isAsDemanded(session, plan));
  const [lasting, expiring] = split(current, ({ expiresAt }) => expiresAt > now + renewalMs);
  // One that still comes up may fail, so none of those that are up goes for it.
  const up = lasting.filter(isUp);
  const excess = wanted === 0 ? lasting : up.slice(0, Math.max(0, up.length - wanted));
  return {
    missing: Math.max(0, wanted - lasting.length),
    surplus: [...outdated, ...excess, ...(wanted === 0 ? expiring : [])],
  };
}

/** Counts the bastions that wait: those whose sshd is up, and those that are still coming up. */
export function waitingCounts(pooled: readonly Session[]): { readonly ready: number; readonly starting: number } {
  const ready = pooled.filter(isUp).length;
  return { ready, starting: pooled.length - ready };
}

export const startKindOf = ({ pool }: Pick<Session, 'pool'>): StartKind => (pool === undefined ? 'on-demand' : 'pool');

function split<T>(items: readonly T[], isFirst: (item: T) => boolean): readonly [T[], T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}
