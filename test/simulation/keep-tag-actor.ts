/** A person who protects the security group of a live session by the tag `bastion:keep`, and takes the tag off in the end. */
import { CreateTagsCommand, DeleteTagsCommand, EC2ServiceException } from '@aws-sdk/client-ec2';
import type { Deployment } from '../support/deployment.ts';
import { minuteMs } from '../support/time.ts';
import type { Stage } from './actors.ts';
import { isLive } from './ledger.ts';
import type { Oracle } from './oracle.ts';

const keepTag = 'bastion:keep';

export class KeepTagActor {
  #kept: { readonly sessionId: string; readonly groupId: string } | undefined;

  /** Waits for a running session and tags its group. */
  async act({ bastions, dice, oracle, until }: Omit<Stage, 'secret'>): Promise<void> {
    while (bastions.clock.now() < until) {
      await bastions.clock.sleep(dice.between(0, 5 * minuteMs));
      const running = [...oracle.ledger.rows.values()].filter(({ state }) => state === 'running');
      const group = bastions.aws.ec2.groups
        .all()
        .find(({ tags }) => running.some(({ sessionId }) => sessionId === tags.get('bastion:session')));
      const sessionId = group?.tags.get('bastion:session');
      if (group === undefined || sessionId === undefined) continue;
      oracle.note(`a person puts ${keepTag} on the security group of ${sessionId}`);
      if (!(await setTag(bastions, group.id))) continue;
      this.#kept = { sessionId, groupId: group.id };
      return;
    }
  }

  /** Checks that the tagged group is still there, also if its session has ended, and takes the tag off. */
  async removeTag({ clock, aws, ec2 }: Deployment, oracle: Oracle): Promise<void> {
    if (this.#kept === undefined) return;
    const { sessionId, groupId } = this.#kept;
    if (!aws.ec2.groups.all().some(({ id }) => id === groupId))
      return oracle.record(`the security group of ${sessionId} was removed although its tag protects it`);
    oracle.note(`the person takes ${keepTag} off the security group of ${sessionId}`);
    await clock.run(ec2.send(new DeleteTagsCommand({ Resources: [groupId], Tags: [{ Key: keepTag }] })));
  }
}

/** Returns false if the group has been removed since the person saw it. */
async function setTag({ ec2 }: Deployment, groupId: string): Promise<boolean> {
  try {
    await ec2.send(new CreateTagsCommand({ Resources: [groupId], Tags: [{ Key: keepTag, Value: '' }] }));
    return true;
  } catch (error) {
    if (error instanceof EC2ServiceException && error.name === 'InvalidGroup.NotFound') return false;
    throw error;
  }
}

/** The ended sessions whose row and group must wait until the tag is taken off. No other resource of theirs may remain. */
export function keptSessionIds({ aws }: Deployment, { ledger }: Oracle): ReadonlySet<string> {
  const keptGroups = aws.ec2.groups.all().filter(({ tags }) => tags.has(keepTag));
  const rows = keptGroups.flatMap(({ tags }) => ledger.rows.get(tags.get('bastion:session') ?? '') ?? []);
  return new Set(rows.filter((row) => !isLive(row)).map(({ sessionId }) => sessionId));
}
