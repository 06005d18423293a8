/**
 * Starts a person's bastion: refreshes the live one or makes a new one, then waits for a bounded time until sshd accepts
 * connections. A request may be repeated at any time, also by several at once and after a crash at any point.
 */
import { keyParameterPrefix } from '../../../contracts/account.ts';
import { converge, openTo } from '../end/converge.ts';
import { endOverdue } from '../end/end-overdue.ts';
import { changeSession } from '../session/change-session.ts';
import { liveSession, userClaim } from '../session/claims.ts';
import { type BastionError, Conflict, InvalidRequest, StaleSession, StartFailed } from '../session/errors.ts';
import { isMoved } from '../session/former-addresses.ts';
import { logFields } from '../session/log-fields.ts';
import type { Ports } from '../session/ports.ts';
import {
  isLive,
  isReady,
  isWaitingForSshd,
  markStopping,
  moveOrExtend,
  newSession,
  overdueReason,
  type Session,
  type SshAgent,
  sameCidrs,
  sshAgentOf,
} from '../session/session.ts';
import { portOf, type Settings } from '../session/settings.ts';
import { awaitReady, type Patience } from '../watch/await-ready.ts';
import { type BringingUp, lateAfter, removeWithinMs } from './bring-up.ts';
import { launchOrJoin } from './launch.ts';
import { parsePublicKey } from './public-key.ts';
import { freeBastions, type TakePorts, takePooled } from './take-pooled.ts';

export type StartPorts = TakePorts & Pick<Ports, 'keys' | 'hostKeys' | 'fingerprints'>;

export interface StartBastion {
  readonly user: string;
  /** ARN of the caller, or the issuer and the subject of its token. */
  readonly by: string;
  /** Address of the caller. */
  readonly from: string;
  /** The only CIDR block to allow from now on. */
  readonly cidr: string;
  /** Absent: the live bastion whatever its key, or a new one with the key stored for the user. */
  readonly publicKey?: string;
  /** Absent: the default for a new bastion, no change for a live one. */
  readonly ttlSeconds?: number;
}

/**
 * After this time no removal, no other start and no move begins. When AWS is slow, each of them takes the rest of the time, and a
 * function that times out gives no reason. The removal happens all the same: the task's event or the stop request has it done.
 */
const beginWithinMs = 10_000;

/** Time in which the agent of a pooled bastion, which asks once a second, must have taken the key that was put for it. */
const pooledWithinMs = 3000;

/** Returns the user's bastion: ready, or still starting when the caller's time is over. */
export async function startBastion(
  ports: StartPorts,
  settings: Settings,
  command: StartBastion,
  patience: Patience,
): Promise<Session> {
  const isLate = lateAfter(ports.clock, beginWithinMs);
  const isTooLate = lateAfter(ports.clock, removeWithinMs);
  for (;;) {
    const [live, candidates] = await Promise.all([
      liveSession(ports, userClaim(command.user)),
      settings.pool ? freeBastions(ports, settings.pool) : [],
    ]);
    const current = live
      ? await refresh(ports, live, command)
      : await create(ports, settings, { command, candidates, isTooLate }, (faster) => {
          if (!isLate()) return refresh(ports, faster, command);
          throw new StaleSession(`Another request for ${command.user} was faster, and AWS is slow. Try again.`);
        });
    const awaited = await awaitBastion(ports, current, patience);
    if (isLive(awaited)) return awaited;

    const ended = isLate() ? awaited : await converge(ports, awaited);
    // A bastion that worked until it expired or exited is no failed start. The user asked for a bastion, so make a new one. The same
    // holds for a bastion of the pool that does not answer.
    const hadWorked = live !== undefined && (isReady(live) || overdueReason(live, ports.clock.now()) !== undefined);
    const isFromPool = current.pool !== undefined && ended.reason !== 'stopped';
    if (!hadWorked && !isFromPool) throw startFailure(ended);
    if (isLate()) {
      throw new Conflict('Your bastion has just ended, and its removal took the time for a new start. Try again.');
    }
  }
}

async function refresh(ports: StartPorts, found: Session, command: StartBastion): Promise<Session> {
  const live = await endOverdue(ports, found);
  if (!isLive(live)) return live;
  if (command.publicKey !== undefined && command.publicKey !== sshAgentOf(live).publicKey) {
    throw new Conflict(
      `A bastion with another public key is live for ${live.owner}. Stop it first (DELETE), or send its key or an empty body.`,
    );
  }
  const now = ports.clock.now();
  const request = {
    by: command.by,
    allowedCidrs: [command.cidr],
    ...(command.ttlSeconds !== undefined && { ttlSeconds: command.ttlSeconds }),
  };
  const next = await changeSession(ports, live, (row) => (isLive(row) ? moveOrExtend(row, request, now) : row));
  logRefresh(ports, live, next);
  // Also for the address of an earlier request, which may have died between the row and the group.
  return next.state === 'running' && isMoved(next) ? openTo(ports, next) : next;
}

/** Waits for the bastion. One from the pool that leaves its key untaken has ended afterwards. */
async function awaitBastion(ports: StartPorts, session: Session, patience: Patience): Promise<Session> {
  const waitUntil = ports.clock.now() + pooledWithinMs;
  const isHasty = session.pool !== undefined && isWaitingForSshd(session) && waitUntil < patience.waitUntil;
  if (!isHasty) return awaitReady(ports, session, patience);
  const awaited = await awaitReady(ports, session, { ...patience, waitUntil });
  return changeSession(ports, awaited, (row) =>
    isWaitingForSshd(row)
      ? markStopping(row, 'start-failed', ports.clock.now(), 'The pooled bastion did not take its key in time.')
      : row,
  );
}

interface Wanted extends Pick<BringingUp, 'isTooLate'> {
  readonly command: StartBastion;
  /** Pooled bastions that may be free. */
  readonly candidates: readonly Session[];
}

/** @param join takes the session of a request that was faster */
async function create(
  ports: StartPorts,
  settings: Settings,
  { command, candidates, isTooLate }: Wanted,
  join: (faster: Session) => Promise<Session>,
): Promise<Session> {
  const publicKey = command.publicKey ?? (await storedKey(ports, command.user));
  const keyFingerprint = ports.fingerprints.of(publicKey);
  const request = {
    owner: command.user,
    claim: userClaim(command.user),
    startedBy: command.by,
    startedFrom: command.from,
    allowedCidrs: [command.cidr],
    ttlSeconds: command.ttlSeconds ?? settings.defaultTtlSeconds,
    maxLifetimeSeconds: settings.maxLifetimeSeconds,
  };
  const limits = { most: settings.maxSessions, mostPerRole: settings.maxPerRole };
  const taken = await takePooled(ports, candidates, {
    owner: { ...request, publicKey, keyFingerprint },
    limits,
    isTooLate,
  });
  if (taken) {
    if (!taken.isOurs) return join(taken.session);
    ports.metrics.poolAsked(true);
    return taken.session;
  }

  const { publicKeys: hostKeys, handoffValues } = await ports.hostKeys.make();
  const sessionId = ports.ids.next();
  const port = portOf(sessionId, settings.sshPorts);
  const agent: SshAgent = { kind: 'ssh', publicKey, port, keyFingerprint, hostKeys };
  const session = newSession({ ...request, sessionId, agent }, ports.clock.now());
  const launched = await launchOrJoin(ports, { session, handoffValues, limits, isTooLate });
  if (launched.sessionId !== sessionId) return join(launched);
  if (settings.pool) ports.metrics.poolAsked(false);
  return launched;
}

function logRefresh({ log }: StartPorts, before: Session, after: Session): void {
  const hasMoved = !sameCidrs(before.allowedCidrs, after.allowedCidrs);
  const hasOtherExpiry = before.expiresAt !== after.expiresAt;
  if (hasMoved) log.info('address moved', logFields(after));
  if (hasOtherExpiry) log.info('expiry changed', logFields(after));
  if (!hasMoved && !hasOtherExpiry) log.info('bastion found', logFields(after));
}

async function storedKey(ports: StartPorts, user: string): Promise<string> {
  const stored = await ports.keys.find(user);
  if (stored !== undefined) return parsePublicKey(stored, `The public key stored as ${keyParameterPrefix}${user}`);
  throw new InvalidRequest(
    `No public key was sent and none is stored for ${user}. Send an OpenSSH public key as the request body, for example: curl --data-binary @$HOME/.ssh/id_ed25519.pub`,
  );
}

function startFailure(session: Session): BastionError {
  if (session.reason === 'stopped') {
    return new Conflict('This bastion was stopped while it was starting. Try again for a new one.');
  }
  const rest = session.state === 'stopped' ? 'Nothing is left of it' : 'Its resources are being removed';
  return new StartFailed(
    `The bastion stopped before it was ready: ${session.detail ?? 'no reason was given'}. ${rest}. Try again.`,
  );
}
