/**
 * The look from AWS's side, every ten minutes: finds tasks and security groups that no session explains, because a row was lost
 * or a resource appeared after its session had ended. The lifecycle leaves none, so this net below it takes its time. A sweep
 * notes what it finds, and removes it only when a later sweep finds it again without an explanation. One that runs out of time says
 * so, and the next one goes on where it stopped.
 */
import type { SweepOutcome, SweepReport, SweepRequest } from '../../../contracts/account.ts';
import { IsolatedRun } from '../session/isolated-run.ts';
import type { FoundResource, OrphanCounts, Ports } from '../session/ports.ts';
import { sideBySide } from '../session/side-by-side.ts';

export type SweepPorts = Pick<Ports, 'inventories' | 'orphans' | 'clock' | 'log' | 'metrics'> & {
  readonly sessions: Pick<Ports['sessions'], 'find'>;
};

/** Time from the first sight of an orphan to its removal. */
export const confirmAfterMs = 10 * 60_000;
/** An orphan that no sweep has seen for this long counts as seen for the first time. */
export const forgetAfterMs = 60 * 60_000;
/** A sweep leaves the rest to the next one before its function times out. */
export const sweepForMs = 45_000;
const timeIsUp = `its ${sweepForMs / 1000} seconds were over, so some have not been looked at`;
/** EC2 allows five deletions a second in the whole account, and people who stop their bastions come first. */
const pauseMs = 500;

interface Orphan {
  readonly resource: FoundResource;
  readonly session: SweepReport['orphans'][number]['session'];
  readonly outcome: SweepOutcome;
}

/** Names every resource at which a sweep failed, after it has looked at all the others. */
export class SweepFailed extends AggregateError {
  override readonly name = 'SweepFailed';
}

/** Returns all orphans with their outcomes. Throws `SweepFailed`. */
export async function sweep(ports: SweepPorts, { dryRun }: SweepRequest): Promise<SweepReport['orphans']> {
  const until = ports.clock.now() + sweepForMs;
  const isLate = () => ports.clock.now() > until;
  const isolatedRun = new IsolatedRun((resource, error) => ports.log.error('sweep failed', { resource, error }));

  const listed: FoundResource[] = [];
  for (const inventory of ports.inventories) {
    await isolatedRun.run(`the list of ${inventory.kind}s`, async () => {
      for await (const resource of inventory.all()) {
        if (isLate()) throw new Error(timeIsUp);
        if (!resource.isLeaving) listed.push(resource);
      }
    });
  }
  let position: string | undefined;
  await isolatedRun.run('the position of the last sweep', async () => {
    position = await ports.orphans.position();
  });
  const resources = fromPosition(listed, position);

  // All are noted before the first is removed, so that a slow removal never delays a first sight.
  const foundOrphans: Orphan[] = [];
  let seenCount = 0;
  const hasSeenAll = await sideBySide(resources, isLate, (resource) => {
    seenCount++;
    return isolatedRun.run(resource.id, async () => {
      const session = await sessionOf(ports, resource);
      if (session === 'unfinished') return;
      foundOrphans.push({ resource, session, outcome: await assess(ports, resource, dryRun) });
    });
  });
  await isolatedRun.run(`the last ${resources.length - seenCount} of ${resources.length} resources`, async () => {
    const nextPosition = hasSeenAll ? undefined : (resources[seenCount - 1]?.id ?? position);
    if (!dryRun && nextPosition !== position) await ports.orphans.savePosition(nextPosition);
    if (!hasSeenAll) throw new Error(timeIsUp);
  });

  const sweptOrphans: Orphan[] = [];
  for (const orphan of foundOrphans) {
    if (orphan.outcome !== 'removable' || dryRun || isLate()) {
      sweptOrphans.push(orphan);
      continue;
    }
    await isolatedRun.run(orphan.resource.id, async () => {
      sweptOrphans.push({ ...orphan, outcome: await remove(ports, orphan.resource) });
    });
    await ports.clock.sleep(pauseMs);
  }

  if (!dryRun) ports.metrics.swept(countsOf(foundOrphans, sweptOrphans));
  for (const { resource, session, outcome } of sweptOrphans) {
    const { id, sessionId } = resource;
    const detail = `${dryRun ? 'dry run, ' : ''}session ${session}: ${outcome}`;
    ports.log.info(`orphaned ${resource.kind}`, {
      resource: id,
      ...(sessionId !== undefined && { sessionId }),
      detail,
    });
  }
  const { errors, failedNames } = isolatedRun;
  if (errors.length === 0) return sweptOrphans;
  throw new SweepFailed(errors, `A sweep failed at ${failedNames}, and did everything else. The next one tries again.`);
}

/** In the order of their ids, from the first behind the position on. */
function fromPosition(resources: readonly FoundResource[], position = ''): readonly FoundResource[] {
  const sorted = resources.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  const first = Math.max(
    0,
    sorted.findIndex(({ id }) => id > position),
  );
  return [...sorted.slice(first), ...sorted.slice(0, first)];
}

/** A session explains its resources until it has ended. `converge` removes them. */
async function sessionOf(ports: SweepPorts, { sessionId }: FoundResource): Promise<'unfinished' | Orphan['session']> {
  const session = sessionId === undefined ? undefined : await ports.sessions.find(sessionId);
  if (!session) return 'unknown';
  return session.state === 'stopped' ? 'stopped' : 'unfinished';
}

async function assess(
  ports: SweepPorts,
  { id, isKept, isOurs }: FoundResource,
  dryRun: boolean,
): Promise<SweepOutcome> {
  if (isKept) return 'kept';
  if (!isOurs) return 'not-ours';
  const now = ports.clock.now();
  const note = await ports.orphans.find(id);
  const validNote = note && now - note.lastSeenAt <= forgetAfterMs ? note : undefined;
  const firstSeenAt = validNote?.firstSeenAt ?? now;
  if (!dryRun) await ports.orphans.save(id, { firstSeenAt, lastSeenAt: now });
  if (!validNote) return 'noted';
  return now - firstSeenAt < confirmAfterMs ? 'unconfirmed' : 'removable';
}

/** Minutes may have passed since the row was read and the resource listed, so both are read once more. */
async function remove(ports: SweepPorts, resource: FoundResource): Promise<SweepOutcome> {
  if ((await sessionOf(ports, resource)) === 'unfinished') return 'explained';
  const inventory = ports.inventories.find(({ kind }) => kind === resource.kind);
  if (!inventory) throw new Error(`Got a ${resource.kind}, expected a kind that can be listed.`);
  return inventory.remove(resource.id);
}

function countsOf(foundOrphans: readonly Orphan[], sweptOrphans: readonly Orphan[]): OrphanCounts {
  const count = (orphans: readonly Orphan[], outcome: SweepOutcome) =>
    orphans.filter((orphan) => orphan.outcome === outcome).length;
  return {
    seen: foundOrphans.length - count(foundOrphans, 'kept') - count(sweptOrphans, 'explained'),
    removed: count(sweptOrphans, 'removed'),
  };
}
