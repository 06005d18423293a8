/** A person who protects the security group of a live session by the tag `bastion:keep`, and takes the tag off in the end. */
import { CreateTagsCommand, DeleteTagsCommand } from '@aws-sdk/client-ec2';
import type { Deployment } from '../support/deployment.ts';
import { minuteMs } from '../support/time.ts';
import type { Stage } from './actors.ts';
import { isLive } from './ledger.ts';
import type { Oracle } from './oracle.ts';

const keep = 'bastion:keep';

export class Keeper {
  #kept: { readonly sessionId: string; readonly groupId: string } | undefined;

  /** Looks around now and then, and keeps the first group that there is. */
  async goAbout({ bastions, dice, oracle, until }: Omit<Stage, 'secret'>): Promise<void> {
    while (bastions.clock.now() < until) {
      await bastions.clock.sleep(dice.between(0, 5 * minuteMs));
      const running = [...oracle.ledger.rows.values()].filter(({ state }) => state === 'running');
      const group = bastions.aws.ec2.groups
        .all()
        .find(({ tags }) => running.some(({ sessionId }) => sessionId === tags.get('bastion:session')));
      const sessionId = group?.tags.get('bastion:session');
      if (group === undefined || sessionId === undefined) continue;
      this.#kept = { sessionId, groupId: group.id };
      oracle.note(`somebody keeps the security group of ${sessionId}`);
      await bastions.ec2.send(new CreateTagsCommand({ Resources: [group.id], Tags: [{ Key: keep, Value: '' }] }));
      return;
    }
  }

  /** Its session may have ended; the group must be there. From here on nobody keeps it any more. */
  async letGo({ clock, aws, ec2 }: Deployment, oracle: Oracle): Promise<void> {
    if (this.#kept === undefined) return;
    const { sessionId, groupId } = this.#kept;
    if (!aws.ec2.groups.all().some(({ id }) => id === groupId))
      return oracle.violated(`the security group of ${sessionId} was removed although somebody keeps it`);
    oracle.note(`nobody keeps the security group of ${sessionId} any more`);
    await clock.run(ec2.send(new DeleteTagsCommand({ Resources: [groupId], Tags: [{ Key: keep }] })));
  }
}

/** The sessions of which the row and the group must wait until nobody keeps the group any more; nothing else of them may. */
export function keptSessions({ aws }: Deployment, { ledger }: Oracle): ReadonlySet<string> {
  const kept = aws.ec2.groups.all().filter(({ tags }) => tags.has(keep));
  const sessions = kept.flatMap(({ tags }) => ledger.rows.get(tags.get('bastion:session') ?? '') ?? []);
  return new Set(sessions.filter((row) => !isLive(row)).map(({ sessionId }) => sessionId));
}
