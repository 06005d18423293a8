/**
 * Everything that a session owns, in the order of its removal. To give sessions a new thing of their own, add an entry to
 * `belongings`.
 */
import { logFields } from '../session/log-fields.ts';
import { placeOf } from '../session/place.ts';
import type { Ports, Task } from '../session/ports.ts';
import { groupSettlesMs, type Instant, isBeingCreated, removalRetryMs } from '../session/session.ts';
import { hasEnded } from '../watch/observe.ts';
import type { EndedSession } from './ended-session.ts';

type RemovalPorts = Pick<Ports, 'sessions' | 'places' | 'securityGroups' | 'tasks' | 'handoffs' | 'clock' | 'log'>;

interface Belonging {
  readonly name: string;
  /** Removes it as far as possible now. Returns when to look again while it is there, undefined once it is gone. */
  remove(ports: RemovalPorts, endedSession: EndedSession): Promise<Instant | undefined>;
}

/**
 * A session that ends is no longer live, so its owner may start another at once. Its starter may take the place at the same time.
 * Then it finds that the session has ended and comes here again, or it dies, and the row stays open for a pass after its lease.
 */
const place: Belonging = {
  name: 'place',
  async remove(ports, { session }) {
    await ports.places.release(placeOf(session), session.sessionId);
    return undefined;
  },
};

/** Until a task has reached STOPPED, its network interface, and with it the security group, is in use. */
const tasks: Belonging = {
  name: 'tasks',
  async remove(ports, { session, listedArns, tasks }) {
    const isGone = async (task: Task): Promise<boolean> => {
      if (await hasEnded(ports, task, session, async () => listedArns)) return true;
      if (task.isKept) ports.log.info('task kept by its tag', logFields(session));
      else if (task.phase !== 'stopping') await ports.tasks.stop(task.arn, `Session ${session.reason ?? 'stopped'}`);
      return false;
    };
    const results = await Promise.all(tasks.map(isGone));
    return results.every((gone) => gone) ? undefined : ports.clock.now() + removalRetryMs;
  },
};

/** While its starter may still create something for the session, the rest stays, and the row stays open. */
const startLease: Belonging = {
  name: 'start lease',
  async remove(ports, { session }) {
    return isBeingCreated(session, ports.clock.now()) ? session.creatingUntil : undefined;
  },
};

/** The agent deletes its item once it is up. This is for the item of an agent that never was. */
const handoffItem: Belonging = {
  name: 'handoff item',
  async remove(ports, { session, tasks }) {
    const { kind } = session.agent;
    await Promise.all(tasks.map(({ arn }) => ports.handoffs.remove({ kind, arn })));
    return undefined;
  },
};

const securityGroup: Belonging = {
  name: 'security group',
  async remove(ports, { session }) {
    const now = ports.clock.now();
    const removal = await ports.securityGroups.remove(session);
    if (removal === 'kept') ports.log.info('security group kept by its tag', logFields(session));
    switch (removal) {
      case 'in-use':
      case 'kept':
      case 'throttled':
        return now + removalRetryMs;
      case 'removed':
        return undefined;
      case 'absent': {
        // Just after its creation EC2 may deny that a group exists: believe it only once that time is over.
        const settledAt = session.createdAt + groupSettlesMs;
        return now < settledAt ? settledAt : undefined;
      }
    }
  },
};

/** The claim goes before the row is closed. A crash between the two leaves a row that is still due. */
const claim: Belonging = {
  name: 'claim',
  async remove(ports, { session }) {
    await ports.sessions.releaseClaim(session);
    return undefined;
  },
};

export const belongings: readonly Belonging[] = [place, tasks, startLease, handoffItem, securityGroup, claim];
