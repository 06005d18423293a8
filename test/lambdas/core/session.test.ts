import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sessionStates } from '../../../contracts/api.ts';
import { IllegalMove } from '../../../lambdas/core/session/errors.ts';
import { poolClaim } from '../../../lambdas/core/session/pool-claim.ts';
import {
  confirmMoveMs,
  endStartLease,
  markAccepted,
  markReady,
  markStopped,
  markStopping,
  moveOrExtend,
  newSession,
  noteAddress,
  noteCheckUp,
  noteTask,
  overdueReason,
  postpone,
  readyWithinMs,
  type Session,
  type SessionState,
  shownState,
  startCheckUpMs,
  startLeaseMs,
} from '../../../lambdas/core/session/session.ts';
import { take } from '../../../lambdas/core/session/take.ts';
import { minuteMs } from '../../support/time.ts';

const t0 = 1_000_000;
const taker = {
  owner: 'arjen',
  claim: 'user#arjen',
  startedBy: 'arn:aws:iam::123456789012:user/arjen',
  startedFrom: '198.51.100.4',
  allowedCidrs: ['198.51.100.4/32'],
  publicKey: 'ssh-ed25519 AAAA',
  keyFingerprint: 'SHA256:AAAA',
  ttlSeconds: 3600,
  maxLifetimeSeconds: 7200,
};
const by = 'arn:aws:iam::123456789012:user/ann';

const request = {
  sessionId: 's-1',
  owner: 'Arjen',
  claim: 'user#arjen',
  agent: {
    kind: 'ssh',
    publicKey: 'ssh-ed25519 AAAA',
    port: 22,
    keyFingerprint: 'SHA256:AAAA',
    hostKeys: ['ssh-ed25519 BBBB'],
  },
  allowedCidrs: ['198.51.100.4/32'],
  ttlSeconds: 3600,
  maxLifetimeSeconds: 7200,
} as const;
const starting = newSession(request, t0);
const launch = {
  startedAt: t0,
  taskArn: 'task-1',
  securityGroupId: 'sg-1',
  mayReappear: false,
  openCidrs: ['198.51.100.4/32'],
};
const running = markAccepted(starting, launch, t0 + 1000);
const up = markReady(noteAddress(running, '203.0.113.7'), t0 + 20_000);
const stopping = markStopping(up, 'stopped', t0 + 5000);
const stopped = markStopped(stopping);

const { owner: _, ...unowned } = request;
const birth = { at: t0, taskDefinition: 'arn:definition:1' };
const pooled = markReady(
  noteAddress(
    markAccepted(
      newSession({ ...unowned, claim: poolClaim, pool: birth, allowedCidrs: [] }, t0),
      { ...launch, openCidrs: [] },
      t0 + 1000,
    ),
    '203.0.113.7',
  ),
  t0 + 20_000,
);

const inState: Record<SessionState, Session> = { starting, pooled, running: up, stopping, stopped };

describe('a session whose owner moves', () => {
  const [home = ''] = request.allowedCidrs;
  const cidrOf = (n: number) => `203.0.113.${n}/32`;
  const moveTo = (session: Session, cidr: string) => moveOrExtend(session, { by: 'ann', allowedCidrs: [cidr] }, t0);

  it('remembers the addresses that the owner has left, and none of them twice', () => {
    const moved = [cidrOf(1), cidrOf(2), cidrOf(1)].reduce(moveTo, up);
    expect(moved).toMatchObject({ allowedCidrs: [cidrOf(1)], formerCidrs: [home, cidrOf(2)] });
    expect(moveTo(moved, home).formerCidrs).toEqual([cidrOf(2), cidrOf(1)]);
  });

  it('remembers the latest twenty', () => {
    const moved = Array.from({ length: 30 }, (_, n) => cidrOf(n + 1)).reduce(moveTo, up);
    expect(moved.formerCidrs).toEqual(Array.from({ length: 20 }, (_, n) => cidrOf(n + 10)));
  });

  it('forgets them by a check-up that has removed them, and by no other', () => {
    const moved = moveTo(up, cidrOf(1));
    const movedAgain = moveTo(moved, cidrOf(2));
    expect(noteCheckUp(moved, moved, t0)).not.toHaveProperty('formerCidrs');
    expect(noteCheckUp(movedAgain, moved, t0).formerCidrs).toEqual(movedAgain.formerCidrs);
  });
});

describe('a new session', () => {
  it('expires after its ttl, and is due at the end of the start lease', () => {
    expect(starting).toMatchObject({
      state: 'starting',
      version: 0,
      createdAt: t0,
      expiresAt: t0 + 60 * minuteMs,
      latestEnd: t0 + 120 * minuteMs,
      reapAt: t0 + startLeaseMs,
      creatingUntil: t0 + startLeaseMs,
    });
  });

  it('expires at its latest end if its ttl is longer', () => {
    const long = newSession({ ...request, ttlSeconds: 10_000 }, t0);
    expect(long.expiresAt).toBe(long.latestEnd);
  });
});

describe('a move of a session', () => {
  type Move = (session: Session) => Session;
  const moves: Record<string, Move> = {
    markAccepted: (s) => markAccepted(s, { ...launch, taskArn: 'task-2' }, t0),
    take: (s) => take(s, taker, t0 + minuteMs),
    noteAddress: (s) => noteAddress(s, '203.0.113.8'),
    markReady: ({ readyAt: _, ...s }) => markReady(s, t0),
    moveOrExtend: (s) => moveOrExtend(s, { by, allowedCidrs: ['203.0.113.1/32'] }, t0),
    noteCheckUp: (s) => noteCheckUp(s, s, t0),
    markStopping: (s) => markStopping(s, 'expired', t0),
    postpone: (s) => postpone(s, t0),
    markStopped: (s) => markStopped(s),
  };
  const illegal = 'illegal';
  const same = 'same row';

  it.each<[keyof typeof moves, Record<SessionState, SessionState | typeof illegal | typeof same>]>([
    ['markAccepted', { starting: 'running', pooled: illegal, running: illegal, stopping: illegal, stopped: illegal }],
    ['take', { starting: illegal, pooled: 'starting', running: illegal, stopping: illegal, stopped: illegal }],
    ['noteAddress', { starting: illegal, pooled: 'pooled', running: 'running', stopping: illegal, stopped: illegal }],
    ['markReady', { starting: illegal, pooled: 'pooled', running: 'running', stopping: illegal, stopped: illegal }],
    [
      'moveOrExtend',
      { starting: 'starting', pooled: illegal, running: 'running', stopping: illegal, stopped: illegal },
    ],
    ['noteCheckUp', { starting: illegal, pooled: 'pooled', running: 'running', stopping: illegal, stopped: illegal }],
    ['markStopping', { starting: 'stopping', pooled: 'stopping', running: 'stopping', stopping: same, stopped: same }],
    ['postpone', { starting: illegal, pooled: illegal, running: illegal, stopping: 'stopping', stopped: illegal }],
    ['markStopped', { starting: illegal, pooled: illegal, running: illegal, stopping: 'stopped', stopped: same }],
  ])('is legal or not by its state: %s', (name, outcomes) => {
    for (const state of sessionStates) {
      const outcome = outcomes[state];
      const before = inState[state];
      const move = () => moves[name]?.(before);
      if (outcome === illegal) expect(move, `${name} from ${state}`).toThrow(IllegalMove);
      else if (outcome === same) expect(move(), `${name} from ${state}`).toBe(before);
      else expect(move()?.state, `${name} from ${state}`).toBe(outcome);
    }
  });

  it('that was made before returns the same session', () => {
    expect(markAccepted(running, launch, t0 + 9000)).toBe(running);
    expect(noteAddress(up, '203.0.113.7')).toBe(up);
    expect(markReady(up, t0 + 30_000)).toBe(up);
    expect(moveOrExtend(up, { by, allowedCidrs: ['198.51.100.4/32'] }, t0)).toBe(up);
    expect(endStartLease(running, t0)).toBe(running);
    expect(noteTask(running, 'task-9')).toBe(running);
    const later = postpone(stopping, t0 + 30_000);
    expect(postpone(later, t0 + 30_000)).toBe(later);
  });

  it('keeps a time for the next look until the session is stopped', () => {
    for (const session of [starting, running, up, stopping]) expect(session.reapAt).toBeTypeOf('number');
    expect(stopped).not.toHaveProperty('reapAt');
  });

  it('to running ends the lease', () => {
    expect(running).not.toHaveProperty('creatingUntil');
    expect(running.reapAt).toBe(t0 + 1000 + startCheckUpMs);
  });

  it('to stopping keeps the lease, because the starter may still be creating', () => {
    const stoppedEarly = markStopping(starting, 'stopped', t0 + 10);
    expect(stoppedEarly.creatingUntil).toBe(t0 + startLeaseMs);
    expect(endStartLease(stoppedEarly, t0 + 20)).not.toHaveProperty('creatingUntil');
  });

  it('to stopping keeps the first reason', () => {
    expect(markStopping(stopping, 'expired', t0).reason).toBe('stopped');
    expect(stopped).toMatchObject({ reason: 'stopped', endedAt: t0 + 5000 });
  });
});

describe('moveOrExtend', () => {
  it('sets the expiry from now, up to the latest end, also to an earlier time', () => {
    const at = (now: number, ttlSeconds: number) =>
      moveOrExtend(up, { by, allowedCidrs: up.allowedCidrs, ttlSeconds }, now).expiresAt;
    expect(at(t0 + 30 * minuteMs, 3600)).toBe(t0 + 90 * minuteMs);
    expect(at(t0 + 100 * minuteMs, 3600)).toBe(up.latestEnd);
    expect(at(t0 + minuteMs, 60)).toBe(t0 + 2 * minuteMs);
  });

  it('replaces the addresses, and is due for confirmation soon', () => {
    const moved = moveOrExtend(up, { by, allowedCidrs: ['203.0.113.1/32'] }, t0 + minuteMs);
    expect(moved.allowedCidrs).toEqual(['203.0.113.1/32']);
    expect(moved.reapAt).toBe(t0 + minuteMs + confirmMoveMs);
  });

  it('makes a session due no later than its expiry', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7200 }),
        fc.integer({ min: 0, max: 7200 }),
        fc.boolean(),
        (ttl, later, moves) => {
          const allowedCidrs = moves ? ['203.0.113.1/32'] : up.allowedCidrs;
          const next = moveOrExtend(up, { by, allowedCidrs, ttlSeconds: ttl }, t0 + later * 1000);
          expect(next.expiresAt).toBeLessThanOrEqual(next.latestEnd);
          if (next !== up) expect(next.reapAt).toBeLessThanOrEqual(next.expiresAt);
        },
      ),
    );
  });
});

describe('overdueReason', () => {
  it.each([
    ['starting within its lease', starting, t0 + startLeaseMs - 1, undefined],
    ['starting after its lease', starting, t0 + startLeaseMs, 'start-failed'],
    ['running before its agent had time to be up', running, t0 + readyWithinMs - 1, undefined],
    ['running without an agent that is up in time', running, t0 + readyWithinMs, 'start-failed'],
    ['running before its expiry', up, up.expiresAt - 1, undefined],
    ['running at its expiry', up, up.expiresAt, 'expired'],
    ['stopping', stopping, t0 + 1e9, undefined],
    ['stopped', stopped, t0 + 1e9, undefined],
  ])('knows a session that is %s', (_, session, now, reason) => {
    expect(overdueReason(session, now)?.reason).toBe(reason);
  });
});

describe('the state that an owner sees', () => {
  it.each([
    [starting, 'starting'],
    [running, 'starting'],
    [up, 'running'],
    [stopping, 'stopping'],
    [stopped, 'stopped'],
  ])('depends on readiness: %#', (session, state) => {
    expect(shownState(session)).toBe(state);
  });
});
