/**
 * A person asks for a bastion: the live one is found and refreshed, or a new one is made; then we wait, not for ever, until
 * sshd accepts connections. Safe to ask again at any time, also by several at once and after a crash at any point.
 */

import { converge } from '../end/converge.ts';
import { endOverdue } from '../end/end-overdue.ts';
import { change } from '../session/change-session.ts';
import { liveSession, userClaim } from '../session/claims.ts';
import { type BastionError, Conflict, InvalidRequest, StartFailed } from '../session/errors.ts';
import type { Ports } from '../session/ports.ts';
import {
  confirmMoveMs,
  isLive,
  isReady,
  newSession,
  overdue,
  refreshed,
  type Session,
  sshAgentOf,
} from '../session/session.ts';
import { portOf, type Settings } from '../session/settings.ts';
import { observe } from '../watch/observe.ts';
import { checkRoom, type LaunchPorts, launchOrJoin } from './launch.ts';
import { parsePublicKey } from './public-key.ts';

export type StartPorts = LaunchPorts & Pick<Ports, 'keys'>;

export interface StartBastion {
  readonly user: string;
  /** The only source to let in from now on. */
  readonly cidr: string;
  /** Absent: the live bastion whatever its key, or a new one with the key stored for the user. */
  readonly publicKey?: string;
  /** Absent: the default for a new bastion, no change for a live one. */
  readonly ttlSeconds?: number;
}

/** API Gateway cuts at 30 s; the rest is for the last calls under way. */
export const answerWithinMs = 25_000;
/**
 * Later than this neither a removal nor another start is begun: when AWS is slow, either takes the rest of the time, and a
 * function that is cut tells nobody why. What ended the session has it removed, too: the event of its task, or who stopped it.
 */
const beginWithinMs = 10_000;
/**
 * A look is begun only when there is time for it: four times what the last one took, because the one that finds sshd up makes four
 * calls where most make one. At most this long, and this long as long as nothing is known; enough for calls of up to 2 s.
 */
const slowLookMs = 4000;
/** While the task has no address yet it can't be ready, and ECS allows 20 looks per second for the whole account. */
const pollMs = { early: 1000, late: 250 };

/** The user's bastion: ready (it has a host), or still starting when the time for an answer is over. */
export async function startBastion(ports: StartPorts, settings: Settings, command: StartBastion): Promise<Session> {
  const began = ports.clock.now();
  const deadline = began + answerWithinMs;
  const isLate = () => ports.clock.now() > began + beginWithinMs;
  for (;;) {
    const live = await liveSession(ports, userClaim(command.user));
    const known = live ? await refresh(ports, live, command) : await create(ports, settings, command);
    const session = await awaitReady(ports, known, deadline);
    if (isLive(session)) return session;

    const left = isLate() ? session : await converge(ports, session);
    // One that worked until it expired or went by itself is no failed start: the user asked for a bastion, so make a new one.
    const wasOver = live !== undefined && (isReady(live) || overdue(live, ports.clock.now()) !== undefined);
    if (!wasOver) throw startFailure(left);
    if (isLate()) {
      throw new Conflict(
        'Your bastion has just ended, and removing it has taken the time to start another one. Ask again for a new one.',
      );
    }
  }
}

async function refresh(ports: StartPorts, found: Session, command: StartBastion): Promise<Session> {
  const live = await endOverdue(ports, found);
  if (!isLive(live)) return live;
  if (command.publicKey !== undefined && command.publicKey !== sshAgentOf(live).publicKey) {
    throw new Conflict(
      `A bastion with another public key is live for ${live.owner}. Stop it first (DELETE), or ask with its key or with an empty body.`,
    );
  }
  const now = ports.clock.now();
  const wish = {
    allowedCidrs: [command.cidr],
    ...(command.ttlSeconds !== undefined && { ttlSeconds: command.ttlSeconds }),
  };
  const next = await change(ports, live, (current) => (isLive(current) ? refreshed(current, wish, now) : current));
  // A new address, or one that an earlier request has put into the row and died before the group had it: due soon, both.
  const isUnconfirmed = next.reapAt !== undefined && next.reapAt <= now + confirmMoveMs;
  return next.state === 'running' && isUnconfirmed ? converge(ports, next) : next;
}

async function create(ports: StartPorts, settings: Settings, command: StartBastion): Promise<Session> {
  const [publicKey] = await Promise.all([
    command.publicKey ?? storedKey(ports, command.user),
    checkRoom(ports, settings.maxSessions),
  ]);
  const sessionId = ports.ids.next();
  const session = newSession(
    {
      sessionId,
      owner: command.user,
      claim: userClaim(command.user),
      agent: { kind: 'ssh', publicKey, port: portOf(sessionId, settings.sshPorts) },
      allowedCidrs: [command.cidr],
      ttlSeconds: command.ttlSeconds ?? settings.defaultTtlSeconds,
      maxLifetimeSeconds: settings.maxLifetimeSeconds,
    },
    ports.clock.now(),
  );
  const made = await launchOrJoin(ports, session);
  return made.sessionId === sessionId ? made : refresh(ports, made, command);
}

async function storedKey(ports: StartPorts, user: string): Promise<string> {
  const stored = await ports.keys.find(user);
  if (stored !== undefined) return parsePublicKey(stored);
  throw new InvalidRequest(
    `No public key was sent and none is stored for ${user}. Send an OpenSSH public key as the request body, for example: curl --data-binary @$HOME/.ssh/id_ed25519.pub`,
  );
}

/** Polls until sshd accepts connections, the session ends, or the time is over. */
async function awaitReady(ports: StartPorts, session: Session, deadline: number): Promise<Session> {
  const addresses = new Map<string, string>();
  let current = session;
  let nextLookMs = slowLookMs;
  for (;;) {
    const began = ports.clock.now();
    if (began + nextLookMs > deadline) return current;
    current =
      current.state === 'starting'
        ? ((await ports.sessions.find(current.sessionId)) ?? current)
        : await observe(ports, current, addresses);
    const now = ports.clock.now();
    nextLookMs = Math.min(4 * (now - began), slowLookMs);
    const pauseMs = addresses.size === 0 ? pollMs.early : pollMs.late;
    if (!isLive(current) || isReady(current) || now + pauseMs + nextLookMs > deadline) return current;
    await ports.clock.sleep(pauseMs);
  }
}

function startFailure(session: Session): BastionError {
  if (session.reason === 'stopped') {
    return new Conflict('This bastion was stopped while it was starting. Ask again for a new one.');
  }
  const rest = session.state === 'stopped' ? 'Nothing is left of it' : 'What is left of it is being removed';
  return new StartFailed(
    `The bastion stopped before it was ready: ${session.detail ?? 'no reason was given'}. ${rest}; ask again to try anew.`,
  );
}
