/**
 * Removes everything before a stack is destroyed: cluster, table and VPC can not be deleted while a session lives in them. No
 * session can start any more, so a resource that no session explains is removed at once too.
 */
import { changeSession } from '../session/change-session.ts';
import { IsolatedRun } from '../session/isolated-run.ts';
import type { FoundResource, Inventory, Ports, Removal } from '../session/ports.ts';
import { type Instant, markStopping, type Session } from '../session/session.ts';
import { type ConvergePorts, converge } from './converge.ts';

export type DrainPorts = ConvergePorts & Pick<Ports, 'inventories'>;

export interface DrainOptions {
  /** The moment at which every start has ended that was under way when the last way to start was closed. */
  readonly settledAt: Instant;
  readonly until: Instant;
}

/** A resource or session that is still there. */
export interface Leftover {
  /** For a person, with the ids that AWS uses. */
  readonly what: string;
  /** True when a person protects it by the tag `bastion:keep`: waiting does not help. */
  readonly isKept: boolean;
}

const pauseMs = 15_000;

/** Drains until nothing is left, or only what a person keeps, or until `until`. Tries again what it can not remove. */
export async function drain(ports: DrainPorts, { settledAt, until }: DrainOptions): Promise<readonly Leftover[]> {
  for (;;) {
    const leftovers = await drainOnce(ports, until);
    for (const { what } of leftovers) ports.log.info('draining waits', { detail: what });
    const now = ports.clock.now();
    const isDone = now >= settledAt && leftovers.every(({ isKept }) => isKept);
    if (isDone || now + pauseMs > until) return leftovers;
    await ports.clock.sleep(pauseMs);
  }
}

async function drainOnce(ports: DrainPorts, until: Instant): Promise<Leftover[]> {
  const leftovers: Leftover[] = [];
  /** Counts anything that failed as left over. */
  const isolatedRun = new IsolatedRun((what, error) => {
    ports.log.error('draining failed', { detail: what, error });
    leftovers.push({ what: `${what} (${error instanceof Error ? error.message : String(error)})`, isKept: false });
  });
  const isolated = (what: string, action: () => Promise<void>) =>
    isolatedRun.run(what, () => {
      if (ports.clock.now() > until) throw new Error('there was no time left to look at it');
      return action();
    });

  const leavingSessions = new Map<string, Session>();
  await isolated('the list of sessions', async () => {
    for await (const sessionId of ports.sessions.unfinished()) {
      await isolated(`session ${sessionId}`, async () => {
        const session = await endNow(ports, sessionId);
        if (session && session.state !== 'stopped') leavingSessions.set(sessionId, session);
      });
    }
  });
  for (const inventory of ports.inventories) {
    await isolated(`the list of ${inventory.kind}s`, async () => {
      for await (const resource of inventory.all()) {
        await isolated(nameOf(resource), async () => {
          const { sessionId = '' } = resource;
          const isSessionLeaving = leavingSessions.has(sessionId);
          if (resource.isLeaving) {
            if (!isSessionLeaving) leftovers.push({ what: `${nameOf(resource)}, which is stopping`, isKept: false });
          } else if (resource.isKept) {
            leavingSessions.delete(sessionId); // the kept resource says why its session can not leave
            leftovers.push({ what: `${nameOf(resource)}, which the tag bastion:keep protects`, isKept: true });
          } else if (resource.isOurs && !isSessionLeaving) {
            leftovers.push(...(await removeUnexplained(ports, inventory, resource)));
          }
        });
      }
    });
  }
  for (const session of leavingSessions.values()) {
    await isolated(`session ${session.sessionId}`, async () => {
      leftovers.push(await describe(ports, session));
    });
  }
  return leftovers;
}

async function endNow(ports: DrainPorts, sessionId: string): Promise<Session | undefined> {
  const session = await ports.sessions.find(sessionId);
  if (!session) return undefined;
  const stopping = await changeSession(ports, session, (current) =>
    markStopping(current, 'stopped', ports.clock.now(), 'The stack is being destroyed.'),
  );
  return converge(ports, stopping);
}

async function removeUnexplained(
  ports: DrainPorts,
  inventory: Inventory,
  resource: FoundResource,
): Promise<Leftover[]> {
  const { kind, id, sessionId } = resource;
  const session = sessionId === undefined ? undefined : await ports.sessions.find(sessionId);
  // The list of sessions lags behind the rows.
  if (session && session.state !== 'stopped') return [await describe(ports, session)];
  return isGone(kind, await inventory.remove(id)) ? [] : [{ what: nameOf(resource), isKept: false }];
}

/** A task that has been asked to stop is still there for a while, and with it its group. */
const isGone = (kind: FoundResource['kind'], removal: Removal): boolean =>
  removal === 'absent' || (removal === 'removed' && kind === 'security group');

async function describe(ports: DrainPorts, session: Session): Promise<Leftover> {
  const { sessionId, state, taskArn, securityGroupId } = session;
  const users = securityGroupId === undefined ? [] : await ports.securityGroups.users(securityGroupId);
  const names = [
    ...(taskArn === undefined ? [] : [`task ${taskArn}`]),
    ...(securityGroupId === undefined ? [] : [`security group ${securityGroupId}`]),
    ...users.map((id) => `network interface ${id}`),
  ];
  const what = `session ${sessionId} (${state}): ${names.join(', ') || 'its start may be under way'}`;
  return { what, isKept: false };
}

const nameOf = ({ kind, id, sessionId }: FoundResource): string =>
  `${kind} ${id} ${sessionId === undefined ? 'of no session' : `of session ${sessionId}`}`;
