import type { IsolatedRun } from '../session/isolated-run.ts';
import type { PlaceGroup } from '../session/place.ts';
import type { Ports } from '../session/ports.ts';
import { isLive } from '../session/session.ts';
import { sideBySide } from '../session/side-by-side.ts';

/** One pass of so many repairs places, because a place without a session is rare and does little harm. */
const passesPerRepair = 10;
const passMs = 60_000;

const groups: readonly PlaceGroup[] = ['people', 'targets'];

/**
 * Releases places that no live session holds. Every end of a session releases its place, so there is one only if AWS carried out a
 * call long after it was made.
 * @returns how many sessions live, by the places of all groups. Undefined in a pass without a repair, and if a group was not read.
 */
export async function repairPlaces(
  ports: Pick<Ports, 'sessions' | 'places' | 'clock' | 'log'>,
  isolatedRun: IsolatedRun,
  isLate: () => boolean,
): Promise<number | undefined> {
  const pass = Math.floor(ports.clock.now() / passMs);
  if (pass % passesPerRepair !== 0) return undefined;
  const counts: number[] = [];
  for (const group of groups) {
    await isolatedRun.run(group, async () => {
      const holders = await ports.places.holders(group);
      counts.push(holders.length);
      await sideBySide(holders, isLate, ({ sessionId, place }) =>
        isolatedRun.run(sessionId, async () => {
          const session = await ports.sessions.find(sessionId);
          if (session && isLive(session)) return;
          await ports.places.release(place, sessionId);
          ports.log.info('place repaired', { sessionId });
        }),
      );
    });
  }
  return counts.length === groups.length ? counts.reduce((sum, count) => sum + count, 0) : undefined;
}
