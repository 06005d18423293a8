import { type ConvergePorts, converge } from './converge.ts';

/** Converges one session now. Does nothing for a row that is gone: DynamoDB deletes a row only long after its session's end. */
export async function tearDown(ports: ConvergePorts, sessionId: string): Promise<void> {
  const session = await ports.sessions.find(sessionId);
  if (session) await converge(ports, session);
}
