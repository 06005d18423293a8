import { describe, expect, it } from 'vitest';
import {
  markAccepted,
  markReady,
  newSession,
  noteAddress,
  type Session,
} from '../../../lambdas/core/session/session.ts';
import { type Owner, take } from '../../../lambdas/core/session/take.ts';
import { minuteMs } from '../../support/time.ts';

const bornAt = 1_000_000;
const now = bornAt + 5 * minuteMs;

const born: Session = newSession(
  {
    sessionId: '00000000-0000-4000-8000-000000000001',
    claim: 'pool',
    pool: { at: bornAt, taskDefinition: 'arn:aws:ecs:us-east-1:000000000000:task-definition/ssh:1' },
    agent: { kind: 'ssh', port: 22, hostKeys: [] },
    allowedCidrs: [],
    ttlSeconds: 3600,
    maxLifetimeSeconds: 7200,
  },
  bornAt,
);
const launch = { startedAt: bornAt, taskArn: 'task', securityGroupId: 'sg-1', openCidrs: [], mayReappear: false };
const pooled = markAccepted(born, launch, bornAt);
const free = markReady(noteAddress(pooled, '198.18.0.1'), bornAt + minuteMs);
const owner: Owner = {
  owner: 'arjen',
  claim: 'user#arjen',
  allowedCidrs: ['198.51.100.1/32'],
  publicKey: 'ssh-ed25519 AAAA',
  keyFingerprint: 'SHA256:x',
  ttlSeconds: 3600,
  maxLifetimeSeconds: 28_800,
};

describe('a bastion of the pool', () => {
  it('becomes a start of its owner’s, whose task runs already', () => {
    const taken = take(free, owner, now);
    expect(taken).toMatchObject({ state: 'starting', owner: 'arjen', claim: 'user#arjen', taskArn: 'task' });
    expect(taken).toMatchObject({ createdAt: now, creatingUntil: now + minuteMs, reapAt: now + minuteMs });
    expect(taken).not.toHaveProperty('readyAt');
  });

  it.each([
    ['starts', born],
    ['is not up', pooled],
    ['has no address', markReady(pooled, now)],
    ['has expired', { ...free, expiresAt: now }],
    ['may still get a late first handoff', { ...free, creatingUntil: now + 1 }],
    ['is somebody’s', take(free, owner, now)],
  ])('can not be taken while it %s', (_, session) => {
    expect(() => take(session, owner, now)).toThrow('does not allow the move "take"');
  });
});
