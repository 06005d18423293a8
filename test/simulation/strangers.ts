/**
 * The resources in the account beside the sessions. Strangers are resources of others, some of which look much like ours, and
 * resources that carry the keep tag: they stay untouched. Orphans look exactly like ours but have no session: they are removed.
 */
import { DescribeTasksCommand } from '@aws-sdk/client-ecs';
import type { Deployment } from '../support/deployment.ts';
import { ghost, makeGroup, runTask, stackTag } from '../support/resources.ts';
import { describeRule } from './ingress.ts';
import type { Oracle } from './oracle.ts';

const ourTags = (n: number) => ({ ...stackTag, 'bastion:session': ghost(n) });

export class Strangers {
  readonly #groupIds: readonly string[];
  readonly #taskArns: readonly string[];
  /** One line for each resource, as it was at the start. */
  readonly #descriptions: readonly string[];

  private constructor(groupIds: readonly string[], taskArns: readonly string[], descriptions: readonly string[]) {
    this.#groupIds = groupIds;
    this.#taskArns = taskArns;
    this.#descriptions = descriptions;
  }

  static async settle(bastions: Deployment): Promise<Strangers> {
    const web = await makeGroup(bastions, 'web', {});
    const groupIds = [
      web,
      await makeGroup(bastions, 'bastion-of-others', {}),
      await makeGroup(bastions, `bastion-${ghost(1)}`, {}),
      await makeGroup(bastions, 'bastion-of-another-stack', { 'bastion:stack': 'Other', 'bastion:session': 'x' }),
      await makeGroup(bastions, `bastion-${ghost(2)}`, { ...ourTags(2), 'bastion:keep': '' }),
    ];
    const taskArns = [
      await runTask(bastions, 'somebody-else', {}, web),
      await runTask(bastions, ghost(6), { 'bastion:stack': 'Other' }, web),
      await runTask(bastions, ghost(3), { ...ourTags(3), 'bastion:keep': '' }, web),
    ];
    return new Strangers(groupIds, taskArns, await describeAll(bastions, groupIds, taskArns));
  }

  async checkUntouched(bastions: Deployment, oracle: Oracle): Promise<void> {
    const descriptions = await describeAll(bastions, this.#groupIds, this.#taskArns);
    for (const [n, before] of this.#descriptions.entries())
      if (descriptions[n] !== before) oracle.record(`a stranger's ${before} has become ${descriptions[n]}`);
  }
}

/** Describes everything about these resources that a function could change, in one line each. */
async function describeAll(
  { clock, aws, ecs, cluster }: Deployment,
  groupIds: readonly string[],
  taskArns: readonly string[],
): Promise<string[]> {
  const command = new DescribeTasksCommand({ cluster, tasks: [...taskArns], include: ['TAGS'] });
  const { tasks = [] } = await clock.run(ecs.send(command));
  return [
    ...groupIds.map((id) => {
      const group = aws.ec2.groups.all().find((one) => one.id === id);
      if (!group) return `security group ${id}: gone`;
      const { name, tags, ingress, egress } = group;
      const rules = `in ${ingress.map(describeRule)}, out ${egress.map(describeRule)}`;
      return `security group ${id}: ${name}, ${rules}, ${JSON.stringify([...tags])}`;
    }),
    ...taskArns.map((arn) => {
      const task = tasks.find(({ taskArn }) => taskArn === arn);
      return `task ${arn}: ${task ? `to be ${task.desiredStatus}, ${JSON.stringify(task.tags)}` : 'gone'}`;
    }),
  ];
}

/** A task with its group, and a group alone. Their sessions have no row. */
export class Orphans {
  readonly #groupIds: readonly string[];
  readonly #taskArn: string;

  private constructor(groupIds: readonly string[], taskArn: string) {
    this.#groupIds = groupIds;
    this.#taskArn = taskArn;
  }

  static async leave(bastions: Deployment): Promise<Orphans> {
    const group = await makeGroup(bastions, `bastion-${ghost(4)}`, ourTags(4));
    const taskArn = await runTask(bastions, ghost(4), ourTags(4), group);
    return new Orphans([group, await makeGroup(bastions, `bastion-${ghost(5)}`, ourTags(5))], taskArn);
  }

  async checkGone(bastions: Deployment, oracle: Oracle): Promise<void> {
    for (const { id } of bastions.aws.ec2.groups.all())
      if (this.#groupIds.includes(id)) oracle.record(`the orphaned security group ${id} is left`);
    for (const { taskArn } of await bastions.tasksAlive())
      if (taskArn === this.#taskArn) oracle.record(`the orphaned task ${taskArn} is left`);
  }
}

/** Whether this is the session id of a stranger or an orphan, which never had a row. */
export const isGhost = (sessionId: string): boolean => sessionId.startsWith(ghost().slice(0, 9));
