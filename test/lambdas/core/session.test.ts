import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IllegalMove } from '../../../lambdas/core/session/errors.ts';
import {
  checkedUp,
  checkUpMs,
  confirmMoveMs,
  creationOver,
  ended,
  gone,
  lookAgain,
  newSession,
  overdue,
  ready,
  refreshed,
  type Session,
  type SessionState,
  sessionStates,
  shownState,
  started,
  startLeaseMs,
  taskFound,
} from '../../../lambdas/core/session/session.ts';

const t0 = 1_000_000;
const minute = 60_000;

const wish = {
  sessionId: 's-1',
  owner: 'Arjen',
  claim: 'user#arjen',
  agent: { kind: 'ssh', publicKey: 'ssh-ed25519 AAAA', port: 22 },
  allowedCidrs: ['198.51.100.4/32'],
  ttlSeconds: 3600,
  maxLifetimeSeconds: 7200,
} as const;
const starting = newSession(wish, t0);
const made = { taskArn: 'task-1', securityGroupId: 'sg-1', mayComeAgain: false, admitted: ['198.51.100.4/32'] };
const running = started(starting, made, t0 + 1000);
const up = ready(running, '203.0.113.7');
const stopping = ended(up, 'stopped', t0 + 5000);
const stopped = gone(stopping);

const inState: Record<SessionState, Session> = { starting, running: up, stopping, stopped };

describe('a new session', () => {
  it('expires after its ttl, and must be looked at when the start lease is over', () => {
    expect(starting).toMatchObject({
      state: 'starting',
      version: 0,
      createdAt: t0,
      expiresAt: t0 + 60 * minute,
      latestEnd: t0 + 120 * minute,
      reapAt: t0 + startLeaseMs,
      creatingUntil: t0 + startLeaseMs,
    });
  });

  it('never expires after its latest end', () => {
    const long = newSession({ ...wish, ttlSeconds: 10_000 }, t0);
    expect(long.expiresAt).toBe(long.latestEnd);
  });
});

describe('moves', () => {
  type Move = (session: Session) => Session;
  const moves: Record<string, Move> = {
    started: (s) => started(s, { ...made, taskArn: 'task-2' }, t0),
    ready: (s) => ready(s, '203.0.113.8'),
    refreshed: (s) => refreshed(s, { allowedCidrs: ['203.0.113.1/32'] }, t0),
    checkedUp: (s) => checkedUp(s, t0),
    ended: (s) => ended(s, 'expired', t0),
    lookAgain: (s) => lookAgain(s, t0),
    gone: (s) => gone(s),
  };
  const illegal = 'illegal';
  const same = 'same row';

  it.each<[keyof typeof moves, Record<SessionState, SessionState | typeof illegal | typeof same>]>([
    ['started', { starting: 'running', running: illegal, stopping: illegal, stopped: illegal }],
    ['ready', { starting: illegal, running: 'running', stopping: illegal, stopped: illegal }],
    ['refreshed', { starting: 'starting', running: 'running', stopping: illegal, stopped: illegal }],
    ['checkedUp', { starting: illegal, running: 'running', stopping: illegal, stopped: illegal }],
    ['ended', { starting: 'stopping', running: 'stopping', stopping: same, stopped: same }],
    ['lookAgain', { starting: illegal, running: illegal, stopping: 'stopping', stopped: illegal }],
    ['gone', { starting: illegal, running: illegal, stopping: 'stopped', stopped: same }],
  ])('%s', (name, outcomes) => {
    for (const state of sessionStates) {
      const outcome = outcomes[state];
      const before = inState[state];
      const move = () => moves[name]?.(before);
      if (outcome === illegal) expect(move, `${name} from ${state}`).toThrow(IllegalMove);
      else if (outcome === same) expect(move(), `${name} from ${state}`).toBe(before);
      else expect(move()?.state, `${name} from ${state}`).toBe(outcome);
    }
  });

  it('are no moves when they have been made already', () => {
    expect(started(running, made, t0 + 9000)).toBe(running);
    expect(ready(up, '203.0.113.7')).toBe(up);
    expect(refreshed(up, { allowedCidrs: ['198.51.100.4/32'] }, t0)).toBe(up);
    expect(creationOver(running, t0)).toBe(running);
    expect(taskFound(running, 'task-9')).toBe(running);
    const later = lookAgain(stopping, t0 + 30_000);
    expect(lookAgain(later, t0 + 30_000)).toBe(later);
  });

  it('keep a moment to look again exactly while something may be left', () => {
    for (const session of [starting, running, up, stopping]) expect(session.reapAt).toBeTypeOf('number');
    expect(stopped).not.toHaveProperty('reapAt');
  });

  it('end the lease when AWS has accepted the task', () => {
    expect(running).not.toHaveProperty('creatingUntil');
    expect(running.reapAt).toBe(t0 + 1000 + checkUpMs);
  });

  it('keep the lease when a start is stopped: its starter may still be creating', () => {
    const stoppedEarly = ended(starting, 'stopped', t0 + 10);
    expect(stoppedEarly.creatingUntil).toBe(t0 + startLeaseMs);
    expect(creationOver(stoppedEarly, t0 + 20)).not.toHaveProperty('creatingUntil');
  });

  it('keep the first reason for the end', () => {
    expect(ended(stopping, 'expired', t0).reason).toBe('stopped');
    expect(stopped).toMatchObject({ reason: 'stopped', endedAt: t0 + 5000 });
  });
});

describe('a refresh', () => {
  it('extends from now, up to the latest end, and may shorten', () => {
    const at = (now: number, ttlSeconds: number) =>
      refreshed(up, { allowedCidrs: up.allowedCidrs, ttlSeconds }, now).expiresAt;
    expect(at(t0 + 30 * minute, 3600)).toBe(t0 + 90 * minute);
    expect(at(t0 + 100 * minute, 3600)).toBe(up.latestEnd);
    expect(at(t0 + minute, 60)).toBe(t0 + 2 * minute);
  });

  it('replaces the addresses, and has the change confirmed soon', () => {
    const moved = refreshed(up, { allowedCidrs: ['203.0.113.1/32'] }, t0 + minute);
    expect(moved.allowedCidrs).toEqual(['203.0.113.1/32']);
    expect(moved.reapAt).toBe(t0 + minute + confirmMoveMs);
  });

  it('never looks later than the expiry', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7200 }),
        fc.integer({ min: 0, max: 7200 }),
        fc.boolean(),
        (ttl, later, moves) => {
          const allowedCidrs = moves ? ['203.0.113.1/32'] : up.allowedCidrs;
          const next = refreshed(up, { allowedCidrs, ttlSeconds: ttl }, t0 + later * 1000);
          expect(next.expiresAt).toBeLessThanOrEqual(next.latestEnd);
          if (next !== up) expect(next.reapAt).toBeLessThanOrEqual(next.expiresAt);
        },
      ),
    );
  });
});

describe('overdue', () => {
  it.each([
    ['starting within its lease', starting, t0 + startLeaseMs - 1, undefined],
    ['starting after its lease', starting, t0 + startLeaseMs, 'start-failed'],
    ['running before its expiry', running, running.expiresAt - 1, undefined],
    ['running at its expiry', running, running.expiresAt, 'expired'],
    ['stopping', stopping, t0 + 1e9, undefined],
    ['stopped', stopped, t0 + 1e9, undefined],
  ])('%s', (_, session, now, reason) => {
    expect(overdue(session, now)?.reason).toBe(reason);
  });
});

describe('the state that owners see', () => {
  it.each([
    [starting, 'starting'],
    [running, 'starting'],
    [up, 'running'],
    [stopping, 'stopping'],
    [stopped, 'stopped'],
  ])('is told by readiness', (session, state) => {
    expect(shownState(session)).toBe(state);
  });
});
