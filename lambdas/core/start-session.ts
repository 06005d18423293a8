/**
 * Asking for a bastion: the live one is found and refreshed, or a new one is made; then we wait, not for ever, until sshd
 * accepts connections. Safe to ask again at any time, also by several at once and after a crash at any point.
 *
 * Order of a new start: session row, claim, security group, then ingress rule and RunTask side by side, then the row becomes
 * `running`. Whatever exists can be found from the row (by name, tag or startedBy), so a crash after any step leaks nothing.
 */
import { change } from './change.ts';
import { type ConvergePorts, converge, openTo } from './converge.ts';
import {
  AwsUnavailable,
  BastionError,
  Conflict,
  IllegalMove,
  InvalidRequest,
  StartFailed,
  TooManySessions,
} from './errors.ts';
import { liveSession } from './live-session.ts';
import { about, observe } from './observe.ts';
import type { Ports } from './ports.ts';
import { parsePublicKey } from './public-key.ts';
import {
  creationOver,
  ended,
  isLive,
  isReady,
  newSession,
  overdue,
  refreshed,
  type Session,
  sameCidrs,
  started,
} from './session.ts';
import { claimOf, portOf, type Settings } from './settings.ts';

export type StartPorts = ConvergePorts & Pick<Ports, 'keys' | 'ids'>;

export interface StartSession {
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
const pollMs = 250;

/** The user's bastion: ready (it has a host), or still starting when the time for an answer is over. */
export async function startSession(ports: StartPorts, settings: Settings, command: StartSession): Promise<Session> {
  const deadline = ports.clock.now() + answerWithinMs;
  for (;;) {
    const live = await liveSession(ports, claimOf(command.user));
    const known = live ? await refresh(ports, live, command) : await create(ports, settings, command);
    const session = await awaitReady(ports, known, deadline);
    if (isLive(session)) return session;

    const left = await converge(ports, session);
    // One that worked until it expired or went by itself is no failed start: the user asked for a bastion, so make a new one.
    const wasOver = live !== undefined && (isReady(live) || overdue(live, ports.clock.now()) !== undefined);
    if (!wasOver) throw startFailure(left);
  }
}

async function refresh(ports: StartPorts, live: Session, command: StartSession): Promise<Session> {
  const now = ports.clock.now();
  const over = overdue(live, now);
  if (over) return change(ports, live, (current) => ended(current, over.reason, now, over.detail));
  if (command.publicKey !== undefined && command.publicKey !== live.agent.publicKey) {
    throw new Conflict(
      `A bastion with another public key is live for ${live.owner}. Stop it first (DELETE), or ask with its key or with an empty body.`,
    );
  }
  const wish = {
    allowedCidrs: [command.cidr],
    ...(command.ttlSeconds !== undefined && { ttlSeconds: command.ttlSeconds }),
  };
  const next = await change(ports, live, (current) => (isLive(current) ? refreshed(current, wish, now) : current));
  return next.state === 'running' && !sameCidrs(next.allowedCidrs, live.allowedCidrs) ? converge(ports, next) : next;
}

async function create(ports: StartPorts, settings: Settings, command: StartSession): Promise<Session> {
  const [publicKey, liveCount] = await Promise.all([
    command.publicKey ?? storedKey(ports, command.user),
    ports.sessions.liveCount(),
  ]);
  if (liveCount >= settings.maxSessions) {
    throw new TooManySessions(
      `${liveCount} sessions are live and this deployment allows ${settings.maxSessions}. Stop one, or try again later.`,
    );
  }
  const sessionId = ports.ids.next();
  const session = newSession(
    {
      sessionId,
      owner: command.user,
      claim: claimOf(command.user),
      agent: { kind: 'ssh', publicKey, port: portOf(sessionId, settings.sshPorts) },
      allowedCidrs: [command.cidr],
      ttlSeconds: command.ttlSeconds ?? settings.defaultTtlSeconds,
      maxLifetimeSeconds: settings.maxLifetimeSeconds,
    },
    ports.clock.now(),
  );
  await ports.sessions.create(session);
  const winner = await claimOrWinner(ports, session);
  if (winner) {
    await ports.sessions.remove(session.sessionId);
    return refresh(ports, winner, command);
  }
  return launch(ports, session);
}

async function storedKey(ports: StartPorts, user: string): Promise<string> {
  const stored = await ports.keys.find(user);
  if (stored !== undefined) return parsePublicKey(stored);
  throw new InvalidRequest(
    `No public key was sent and none is stored for ${user}. Send an OpenSSH public key as the request body, for example: curl --data-binary @$HOME/.ssh/id_ed25519.pub`,
  );
}

/** Takes the claim; when another live session holds it, that session. A claim of a session that is going may be taken over. */
async function claimOrWinner(ports: StartPorts, session: Session): Promise<Session | undefined> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const holder = await ports.sessions.claimHolder(session.claim);
    const winner = holder === undefined ? undefined : await ports.sessions.find(holder);
    if (winner && winner.sessionId !== session.sessionId && isLive(winner)) return winner;
    if (await ports.sessions.takeClaim(session, holder)) return undefined;
  }
  await ports.sessions.remove(session.sessionId);
  throw new AwsUnavailable(`Too many requests for ${session.owner} at once. Try again.`);
}

async function launch(ports: StartPorts, session: Session): Promise<Session> {
  const made: { taskArn?: string } = {};
  try {
    const securityGroupId = await ports.securityGroups.create(session);
    // Both must have come to an end, also when one fails: only then do we know what we have made.
    const [ingress, task] = await Promise.allSettled([
      ports.securityGroups.admit(securityGroupId, session),
      ports.tasks.run(session, securityGroupId),
    ]);
    if (task.status === 'rejected') throw task.reason;
    made.taskArn = task.value;
    if (ingress.status === 'rejected') throw ingress.reason;
    const running = await change(ports, session, (current) =>
      started(current, { taskArn: task.value, securityGroupId }, ports.clock.now()),
    );
    ports.log.info('task accepted', { ...about(running), taskArn: task.value });
    return sameCidrs(running.allowedCidrs, session.allowedCidrs) ? running : await openTo(ports, running);
  } catch (error) {
    return abandon(ports, session, made, error);
  }
}

/**
 * Ends a start that failed, or that somebody stopped meanwhile. When AWS refused, nothing more can appear and the lease is
 * given up; when we don't know what AWS did, it stays, and the reaper closes the session after it.
 */
async function abandon(
  ports: StartPorts,
  session: Session,
  made: { readonly taskArn?: string },
  error: unknown,
): Promise<Session> {
  const now = ports.clock.now();
  const nothingMoreCanAppear = error instanceof BastionError;
  const stopping = await change(ports, session, (current) => {
    const next = ended(
      { ...current, ...made },
      'start-failed',
      now,
      error instanceof Error ? error.message : undefined,
    );
    return nothingMoreCanAppear ? creationOver(next, now) : next;
  });
  ports.log.error('start failed', { ...about(stopping), error });
  if (error instanceof IllegalMove) return stopping;
  await converge(ports, stopping);
  throw error;
}

/** Polls until sshd accepts connections, the session ends, or the time is over. */
async function awaitReady(ports: StartPorts, session: Session, deadline: number): Promise<Session> {
  const addresses = new Map<string, string>();
  let current = session;
  for (;;) {
    current =
      current.state === 'starting'
        ? ((await ports.sessions.find(current.sessionId)) ?? current)
        : await observe(ports, current, addresses);
    if (!isLive(current) || isReady(current) || ports.clock.now() + pollMs > deadline) return current;
    await ports.clock.sleep(pollMs);
  }
}

function startFailure(session: Session): BastionError {
  if (session.reason === 'stopped') {
    return new Conflict('This bastion was stopped while it was starting. Ask again for a new one.');
  }
  return new StartFailed(
    `The bastion stopped before it was ready: ${session.detail ?? 'no reason was given'}. Nothing is left of it; ask again to try anew.`,
  );
}
