/**
 * The one function that moves what exists in AWS towards what a row says, as far as possible right now, and notes in the row
 * when to look again. Stop, expiry, an exited container, a failed start and the reaper all change the row and then call it. It
 * may be called at any time, by several callers at once, and again after a crash at any point.
 */
import { change, changeSession } from '../session/change-session.ts';
import { isMoved } from '../session/former-addresses.ts';
import { logFields } from '../session/log-fields.ts';
import { startKindOf } from '../session/pool.ts';
import type { IngressRule, Ports } from '../session/ports.ts';
import {
  isAccepted,
  isDue,
  markStopped,
  noteCheckUp,
  postpone,
  type Session,
  sameCidrs,
  sshAgentOf,
} from '../session/session.ts';
import { observe } from '../watch/observe.ts';
import { belongings } from './belongings.ts';
import { withTasks } from './ended-session.ts';

export type ConvergePorts = Pick<
  Ports,
  'sessions' | 'places' | 'securityGroups' | 'tasks' | 'handoffs' | 'clock' | 'log' | 'metrics'
>;

export async function converge(ports: ConvergePorts, session: Session): Promise<Session> {
  switch (session.state) {
    case 'starting':
      return session; // its starter is at work; if it has died, the reaper ends the session after the start lease
    case 'pooled':
    case 'running':
      return checkUp(ports, session);
    case 'stopping':
      return remove(ports, session);
    case 'stopped':
      return session;
  }
}

async function checkUp(ports: ConvergePorts, session: Session): Promise<Session> {
  const observed = await observe(ports, session);
  const opened = isAccepted(observed) ? await openTo(ports, observed) : observed;
  if (!isAccepted(opened)) return converge(ports, opened);
  // A change of address is confirmed by a look once it is due, and by none before. Until then another request may still be
  // applying an older address, and may die of it.
  return changeSession(ports, opened, (current) => {
    const now = ports.clock.now();
    return isAccepted(current) && isDue(current, now) ? noteCheckUp(current, opened, now) : current;
  });
}

const mostRounds = 5;

/**
 * Makes the security group allow exactly the row's addresses: adds rules first and removes rules afterwards, so that no owner is
 * locked out in between. Another request may change the row meanwhile, and apply its addresses before or after ours. It writes
 * the row before it adds a rule. So a rule that we have seen in the group, and do not find in the row when we read it again, was
 * not added just now. EC2 may show the rules of two minutes ago. So while a move is not confirmed, the owner's address is allowed,
 * and their former ones are removed, whatever it shows.
 */
export async function openTo(ports: Pick<Ports, 'sessions' | 'securityGroups'>, session: Session): Promise<Session> {
  const { securityGroups, sessions } = ports;
  let current = session;
  for (let round = 0; round < mostRounds; round++) {
    const groupId = current.securityGroupId;
    if (groupId === undefined) return current;
    const applied = ingressOf(current);
    const shown = await securityGroups.rules(session, groupId);
    await securityGroups.allow(groupId, isMoved(current) ? applied : missingFrom(shown, applied));
    current = (await sessions.find(session.sessionId)) ?? current;
    if (!isAccepted(current)) return current;
    if (!sameCidrs(cidrsOf(applied), current.allowedCidrs)) continue;
    const former = rulesFor(current, current.formerCidrs ?? []);
    const superfluous = [...former, ...missingFrom([...applied, ...former], shown)];
    if (superfluous.length === 0) return current;
    await securityGroups.revoke(groupId, superfluous);
    // An owner who has come back meanwhile may have found their old rule in the group, and added none.
    current = (await sessions.find(session.sessionId)) ?? current;
    if (!isAccepted(current) || sameCidrs(cidrsOf(applied), current.allowedCidrs)) return current;
  }
  return current; // the last request that changed the address has left the row due
}

/** The rules that the session's security group must have: TCP on the agent's port from each of its addresses. */
export const ingressOf = (session: Session): readonly IngressRule[] => rulesFor(session, session.allowedCidrs);

function rulesFor(session: Session, cidrs: readonly string[]): readonly IngressRule[] {
  if (cidrs.length === 0) return [];
  const { port } = sshAgentOf(session);
  return cidrs.map((cidr) => ({ protocol: 'tcp', fromPort: port, toPort: port, cidr }));
}

/** The rules of `others` that `rules` lacks. A rule for the same address and another port is another rule. */
const missingFrom = (rules: readonly IngressRule[], others: readonly IngressRule[]): readonly IngressRule[] =>
  others.filter((other) => !rules.some((rule) => isSame(rule, other)));

const isSame = (one: IngressRule, other: IngressRule): boolean =>
  one.protocol === other.protocol &&
  one.fromPort === other.fromPort &&
  one.toPort === other.toPort &&
  one.cidr === other.cidr;

const cidrsOf = (rules: readonly IngressRule[]): readonly string[] => rules.map(({ cidr }) => cidr);

async function remove(ports: ConvergePorts, session: Session): Promise<Session> {
  const endedSession = await withTasks(ports, session);
  const { session: current } = endedSession;
  for (const belonging of belongings) {
    const lookAgainAt = await belonging.remove(ports, endedSession);
    if (lookAgainAt === undefined) continue;
    return changeSession(ports, current, (row) => (row.state === 'stopping' ? postpone(row, lookAgainAt) : row));
  }
  const { before, after: stopped } = await change(ports, current, markStopped);
  ports.log.info('session removed', logFields(stopped));
  if (before.state !== 'stopped' && stopped.reason === 'start-failed') ports.metrics.startFailed(startKindOf(stopped));
  return stopped;
}
