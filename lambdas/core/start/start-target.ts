/**
 * Starts a target for a zero-trust service: a container whose agent registers with the service and dials out, behind a security
 * group without ingress. Returns when AWS has accepted the task. The same activation always means the same target.
 */
import { converge } from '../end/converge.ts';
import { endOverdue } from '../end/end-overdue.ts';
import { activationClaim, liveSession } from '../session/claims.ts';
import { StartFailed } from '../session/errors.ts';
import type { HandoffValues } from '../session/ports.ts';
import { isLive, newSession, type Session, type WebhookAgent } from '../session/session.ts';
import type { TargetSettings } from '../session/settings.ts';
import { type BringingUp, lateAfter, removeWithinMs } from './bring-up.ts';
import { type LaunchPorts, launchOrJoin } from './launch.ts';

export interface StartTarget {
  readonly agent: WebhookAgent;
  /** SHA-256 of the parts that make the activation unique, in hex. It names the claim, which must not hold the activation itself. */
  readonly activationHash: string;
  /** Environment variables for the agent. They are secret: they go into the handoff and nowhere else. */
  readonly variables: HandoffValues;
}

/** The owner of every target. The service alone knows its users. */
const owner = 'bastionzero';

/** Time for which a second request for one activation waits for the first. */
export const acceptedWithinMs = 8000;
const pollMs = 100;

export async function startTarget(
  ports: LaunchPorts,
  settings: TargetSettings,
  command: StartTarget,
): Promise<Session> {
  const isTooLate = lateAfter(ports.clock, removeWithinMs);
  const found = await liveSession(ports, activationClaim(command.activationHash));
  const live = found && (await endOverdue(ports, found));
  if (live && isLive(live)) return awaitAccepted(ports, live);
  if (live) await converge(ports, live);
  return awaitAccepted(ports, await create(ports, settings, { command, isTooLate }));
}

async function create(
  ports: LaunchPorts,
  settings: TargetSettings,
  { command, isTooLate }: Pick<BringingUp, 'isTooLate'> & { readonly command: StartTarget },
): Promise<Session> {
  const session = newSession(
    {
      sessionId: ports.ids.next(),
      owner,
      claim: activationClaim(command.activationHash),
      agent: command.agent,
      allowedCidrs: [],
      ttlSeconds: settings.webhookTtlSeconds,
      maxLifetimeSeconds: settings.webhookTtlSeconds,
    },
    ports.clock.now(),
  );
  const limits = { most: settings.maxTargets };
  return launchOrJoin(ports, { session, handoffValues: command.variables, limits, isTooLate });
}

async function awaitAccepted(ports: LaunchPorts, session: Session): Promise<Session> {
  const deadline = ports.clock.now() + acceptedWithinMs;
  let current = session;
  while (current.state === 'starting' && ports.clock.now() < deadline) {
    await ports.clock.sleep(pollMs);
    current = (await ports.sessions.find(session.sessionId)) ?? current;
  }
  if (current.state === 'running') return current;
  throw new StartFailed(
    current.state === 'starting'
      ? 'The target is still being started. Try again in a few seconds.'
      : `The target could not be started: ${current.detail ?? 'it was stopped'}.`,
  );
}
