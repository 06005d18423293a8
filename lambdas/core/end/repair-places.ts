import type { IsolatedRun } from '../session/isolated-run.ts';
import type { Ports } from '../session/ports.ts';
import { type Instant, isLive, type PlaceGroup } from '../session/session.ts';

/** Holders that one pass looks at. Ten passes look at the most that a group can have. */
export const holdersPerPass = 50;
const passMs = 60_000;

const groups: readonly PlaceGroup[] = ['people', 'targets'];

/**
 * Releases places that no live session holds. Every end of a session releases its place, so there is one only if AWS carried out a
 * call long after it was made. Each pass looks at the next few holders.
 */
export async function repairPlaces(
  ports: Pick<Ports, 'sessions' | 'places' | 'clock' | 'log'>,
  isolatedRun: IsolatedRun,
): Promise<void> {
  for (const group of groups) {
    await isolatedRun.run(group, async () => {
      const holders = await ports.places.holders(group);
      for (const sessionId of nextOf(holders, ports.clock.now())) {
        const session = await ports.sessions.find(sessionId);
        if (session && isLive(session)) continue;
        await ports.places.release(group, sessionId);
        ports.log.info('place repaired', { sessionId });
      }
    });
  }
}

function nextOf(holders: readonly string[], now: Instant): readonly string[] {
  if (holders.length <= holdersPerPass) return holders;
  const pass = Math.floor(now / passMs) % Math.ceil(holders.length / holdersPerPass);
  return holders.toSorted().slice(pass * holdersPerPass, (pass + 1) * holdersPerPass);
}
