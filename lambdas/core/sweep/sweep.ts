/**
 * The look from AWS's side, every ten minutes: tasks and security groups that no session explains, because a row was lost or
 * something appeared after its session had ended. The lifecycle leaves none; this is the net below it, so it takes its time.
 * What it finds it notes, and removes only when a later sweep still finds it without an explanation.
 */
import { Failures } from '../session/isolated-run.ts';
import type { Ports, Resource } from '../session/ports.ts';

export type SweepPorts = Pick<Ports, 'resources' | 'orphans' | 'clock' | 'log'> & {
  readonly sessions: Pick<Ports['sessions'], 'find'>;
};

export interface SweepWish {
  /** Only look: note and remove nothing. */
  readonly dryRun: boolean;
}

/** From the first sight of an orphan to its removal. */
export const confirmAfterMs = 10 * 60_000;
/** An orphan that no sweep has seen for so long is seen for the first time again. */
export const forgetAfterMs = 60 * 60_000;
/** Leaves the rest to the next sweep rather than be cut in the middle. */
export const sweepForMs = 45_000;
const timeIsUp = `its ${sweepForMs / 1000} seconds were over, so some have not been looked at`;
/** EC2 allows five deletions a second in the whole account, and those who stop their bastions come first. */
const pauseMs = 500;

/**
 * What became of an orphan. `noted`: seen for the first time. `unconfirmed`: seen before, but not long enough ago.
 * `not-ours`: only its name is like ours. `explained`: by a session, when its row was read once more before the removal.
 * `removable`: it is confirmed, but this is a dry run, or time was up.
 */
export const outcomes = [
  'noted',
  'unconfirmed',
  'removable',
  'removed',
  'in-use',
  'absent',
  'kept',
  'not-ours',
  'explained',
] as const;
export type Outcome = (typeof outcomes)[number];

export interface Orphan {
  readonly resource: Resource;
  /** Why it counts as an orphan: no row has its session's id, or the session has ended and nothing of it should be left. */
  readonly session: 'unknown' | 'stopped';
  readonly outcome: Outcome;
}

export interface OrphanCounts {
  /** Without what a person keeps, and without what a session explained after all. */
  readonly seen: number;
  readonly removed: number;
}

/** One resource that fails doesn't keep the sweep from the others; afterwards one error names them all. */
export class SweepFailed extends AggregateError {
  override readonly name = 'SweepFailed';
}

/**
 * All orphans, and what became of each. Throws `SweepFailed` when something could not be listed or removed, after everything
 * else has been.
 */
export async function sweep(
  ports: SweepPorts,
  { dryRun }: SweepWish,
  report: (counts: OrphanCounts) => void,
): Promise<readonly Orphan[]> {
  const until = ports.clock.now() + sweepForMs;
  const failures = new Failures((resource, error) => ports.log.error('sweep failed', { resource, error }));

  // All are noted before the first is removed: a removal that takes its time makes none wait for its first sight.
  const found: Orphan[] = [];
  for (const resources of ports.resources) {
    await failures.isolate(`the list of ${resources.kind}s`, async () => {
      for await (const resource of resources.all()) {
        if (ports.clock.now() > until) throw new Error(timeIsUp);
        if (resource.isLeaving) continue;
        await failures.isolate(resource.id, async () => {
          const session = await sessionOf(ports, resource);
          if (session === 'unfinished') return;
          found.push({ resource, session, outcome: await assess(ports, resource, dryRun) });
        });
      }
    });
  }

  const swept: Orphan[] = [];
  for (const orphan of found) {
    if (orphan.outcome !== 'removable' || dryRun || ports.clock.now() > until) {
      swept.push(orphan);
      continue;
    }
    await failures.isolate(orphan.resource.id, async () => {
      swept.push({ ...orphan, outcome: await remove(ports, orphan.resource) });
    });
    await ports.clock.sleep(pauseMs);
  }

  if (!dryRun) report(countsOf(found, swept));
  for (const { resource, session, outcome } of swept) {
    const { id, sessionId } = resource;
    const detail = `${dryRun ? 'dry run, ' : ''}session ${session}: ${outcome}`;
    ports.log.info(`orphaned ${resource.kind}`, {
      resource: id,
      ...(sessionId !== undefined && { sessionId }),
      detail,
    });
  }
  const { errors, names } = failures;
  if (errors.length === 0) return swept;
  throw new SweepFailed(errors, `A sweep failed at ${names}, and did everything else. The next one tries again.`);
}

/** A session explains what it owns as long as it has not ended: until then `converge` sees to it. */
async function sessionOf(ports: SweepPorts, { sessionId }: Resource): Promise<'unfinished' | Orphan['session']> {
  const session = sessionId === undefined ? undefined : await ports.sessions.find(sessionId);
  if (!session) return 'unknown';
  return session.state === 'stopped' ? 'stopped' : 'unfinished';
}

async function assess(ports: SweepPorts, { id, isKept, isOurs }: Resource, dryRun: boolean): Promise<Outcome> {
  if (isKept) return 'kept';
  if (!isOurs) return 'not-ours';
  const now = ports.clock.now();
  const note = await ports.orphans.find(id);
  const known = note && now - note.lastSeenAt <= forgetAfterMs ? note : undefined;
  const firstSeenAt = known?.firstSeenAt ?? now;
  if (!dryRun) await ports.orphans.save(id, { firstSeenAt, lastSeenAt: now });
  if (!known) return 'noted';
  return now - firstSeenAt < confirmAfterMs ? 'unconfirmed' : 'removable';
}

/** Minutes may have passed since the row was read and its resource listed: both are looked at once more. */
async function remove(ports: SweepPorts, resource: Resource): Promise<Outcome> {
  if ((await sessionOf(ports, resource)) === 'unfinished') return 'explained';
  const resources = ports.resources.find(({ kind }) => kind === resource.kind);
  if (!resources) throw new Error(`Got a ${resource.kind}, expected a kind that can be listed.`);
  return resources.remove(resource.id);
}

function countsOf(found: readonly Orphan[], swept: readonly Orphan[]): OrphanCounts {
  const count = (orphans: readonly Orphan[], outcome: Outcome) =>
    orphans.filter((orphan) => orphan.outcome === outcome).length;
  return {
    seen: found.length - count(found, 'kept') - count(swept, 'explained'),
    removed: count(swept, 'removed'),
  };
}
