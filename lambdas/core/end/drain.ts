/**
 * The end of everything: a stack that is being destroyed waits until nothing of any session is left, because cluster, table
 * and VPC can't go under one that lives. Nobody can start one any more, so what no session explains is removed at once too.
 */
import { change } from '../session/change-session.ts';
import { Failures } from '../session/isolated-run.ts';
import type { Ports, Removal, Resource, Resources } from '../session/ports.ts';
import { ended, type Instant, type Session } from '../session/session.ts';
import { type ConvergePorts, converge } from './converge.ts';

export type DrainPorts = ConvergePorts & Pick<Ports, 'resources'>;

export interface DrainWish {
  /** When every start has come to its end that was under way as the last way to start was closed. */
  readonly settledAt: Instant;
  readonly until: Instant;
}

/** Something that is still there. */
export interface Leftover {
  /** For a person, with the ids that AWS knows it by. */
  readonly what: string;
  /** A person protects it by the tag `bastion:keep`: waiting does not help. */
  readonly isKept: boolean;
}

const pauseMs = 15_000;

/** Comes back when nothing is left, or only what a person keeps, or when it is `until`. What it can't remove it tries again. */
export async function drain(ports: DrainPorts, { settledAt, until }: DrainWish): Promise<readonly Leftover[]> {
  for (;;) {
    const left = await drainOnce(ports, until);
    for (const { what } of left) ports.log.info('draining waits', { detail: what });
    const now = ports.clock.now();
    const isDone = now >= settledAt && left.every(({ isKept }) => isKept);
    if (isDone || now + pauseMs > until) return left;
    await ports.clock.sleep(pauseMs);
  }
}

async function drainOnce(ports: DrainPorts, until: Instant): Promise<Leftover[]> {
  const left: Leftover[] = [];
  /** What has failed is left. */
  const failures = new Failures((what, error) => {
    ports.log.error('draining failed', { detail: what, error });
    left.push({ what: `${what} (${error instanceof Error ? error.message : String(error)})`, isKept: false });
  });
  const isolated = (what: string, act: () => Promise<void>) =>
    failures.isolate(what, () => {
      if (ports.clock.now() > until) throw new Error('there was no time left to look at it');
      return act();
    });

  const leaving = new Map<string, Session>();
  await isolated('the list of sessions', async () => {
    for await (const sessionId of ports.sessions.unfinished()) {
      await isolated(`session ${sessionId}`, async () => {
        const session = await endNow(ports, sessionId);
        if (session && session.state !== 'stopped') leaving.set(sessionId, session);
      });
    }
  });
  for (const resources of ports.resources) {
    await isolated(`the list of ${resources.kind}s`, async () => {
      for await (const resource of resources.all()) {
        await isolated(nameOf(resource), async () => {
          const { sessionId = '' } = resource;
          const isSessionLeaving = leaving.has(sessionId);
          if (resource.isLeaving) {
            if (!isSessionLeaving) left.push({ what: `${nameOf(resource)}, which is stopping`, isKept: false });
          } else if (resource.isKept) {
            leaving.delete(sessionId); // it can't leave, and this says why
            left.push({ what: `${nameOf(resource)}, which the tag bastion:keep protects`, isKept: true });
          } else if (resource.isOurs && !isSessionLeaving) {
            left.push(...(await removeUnexplained(ports, resources, resource)));
          }
        });
      }
    });
  }
  for (const session of leaving.values()) {
    await isolated(`session ${session.sessionId}`, async () => {
      left.push(await describe(ports, session));
    });
  }
  return left;
}

async function endNow(ports: DrainPorts, sessionId: string): Promise<Session | undefined> {
  const session = await ports.sessions.find(sessionId);
  if (!session) return undefined;
  const over = await change(ports, session, (current) =>
    ended(current, 'stopped', ports.clock.now(), 'The stack is being destroyed.'),
  );
  return converge(ports, over);
}

async function removeUnexplained(ports: DrainPorts, resources: Resources, resource: Resource): Promise<Leftover[]> {
  const { kind, id, sessionId } = resource;
  const session = sessionId === undefined ? undefined : await ports.sessions.find(sessionId);
  // The list of sessions lags behind the rows.
  if (session && session.state !== 'stopped') return [await describe(ports, session)];
  return isGone(kind, await resources.remove(id)) ? [] : [{ what: nameOf(resource), isKept: false }];
}

/** A task that has been asked to stop is still there for a while, and with it its group. */
const isGone = (kind: Resource['kind'], removal: Removal): boolean =>
  removal === 'absent' || (removal === 'removed' && kind === 'security group');

async function describe(ports: DrainPorts, session: Session): Promise<Leftover> {
  const { sessionId, state, taskArn, securityGroupId } = session;
  const users = securityGroupId === undefined ? [] : await ports.securityGroups.users(securityGroupId);
  const made = [
    ...(taskArn === undefined ? [] : [`task ${taskArn}`]),
    ...(securityGroupId === undefined ? [] : [`security group ${securityGroupId}`]),
    ...users.map((id) => `network interface ${id}`),
  ];
  return { what: `session ${sessionId} (${state}): ${made.join(', ') || 'its start may be under way'}`, isKept: false };
}

const nameOf = ({ kind, id, sessionId }: Resource): string =>
  `${kind} ${id} ${sessionId === undefined ? 'of no session' : `of session ${sessionId}`}`;
