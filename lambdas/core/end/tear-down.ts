import { type ConvergePorts, converge } from './converge.ts';

/** Converges one session now. A row that is gone is nothing to do: it is purged only long after its end. */
export async function tearDown(ports: ConvergePorts, sessionId: string): Promise<void> {
  const session = await ports.sessions.find(sessionId);
  if (session) await converge(ports, session);
}
