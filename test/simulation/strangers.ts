/**
 * What is there beside the sessions. Resources of others in the same account, some of which look much like ours, and some that
 * a person keeps: nothing of them is ever touched. And orphans, which look exactly like ours but have no session: they go.
 */
import { DescribeTasksCommand } from '@aws-sdk/client-ecs';
import type { Deployment } from '../support/deployment.ts';
import { ghost, makeGroup, runTask, stackTag } from '../support/resources.ts';
import { said } from './ingress.ts';
import type { Oracle } from './oracle.ts';

const ours = (n: number) => ({ ...stackTag, 'bastion:session': ghost(n) });

export class Strangers {
  readonly #groupIds: readonly string[];
  readonly #taskArns: readonly string[];
  /** What they looked like from the start. */
  readonly #looks: readonly string[];

  private constructor(groupIds: readonly string[], taskArns: readonly string[], looks: readonly string[]) {
    this.#groupIds = groupIds;
    this.#taskArns = taskArns;
    this.#looks = looks;
  }

  static async settle(bastions: Deployment): Promise<Strangers> {
    const web = await makeGroup(bastions, 'web', {});
    const groupIds = [
      web,
      await makeGroup(bastions, 'bastion-of-others', {}),
      await makeGroup(bastions, `bastion-${ghost(1)}`, {}),
      await makeGroup(bastions, 'bastion-of-another-stack', { 'bastion:stack': 'Other', 'bastion:session': 'x' }),
      await makeGroup(bastions, `bastion-${ghost(2)}`, { ...ours(2), 'bastion:keep': '' }),
    ];
    const taskArns = [
      await runTask(bastions, 'somebody-else', {}, web),
      await runTask(bastions, ghost(6), { 'bastion:stack': 'Other' }, web),
      await runTask(bastions, ghost(3), { ...ours(3), 'bastion:keep': '' }, web),
    ];
    return new Strangers(groupIds, taskArns, await looksOf(bastions, groupIds, taskArns));
  }

  async checkUntouched(bastions: Deployment, oracle: Oracle): Promise<void> {
    const looks = await looksOf(bastions, this.#groupIds, this.#taskArns);
    for (const [n, look] of this.#looks.entries())
      if (looks[n] !== look) oracle.violated(`others had ${look}, and now it is ${looks[n]}`);
  }
}

/** Everything of them that somebody could touch, a line for each. */
async function looksOf(
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
      const rules = `in ${ingress.map(said)}, out ${egress.map(said)}`;
      return `security group ${id}: ${name}, ${rules}, ${JSON.stringify([...tags])}`;
    }),
    ...taskArns.map((arn) => {
      const task = tasks.find(({ taskArn }) => taskArn === arn);
      return `task ${arn}: ${task ? `to be ${task.desiredStatus}, ${JSON.stringify(task.tags)}` : 'gone'}`;
    }),
  ];
}

/** A task with its group, and a group alone, of sessions that there are no rows of. */
export class Orphans {
  readonly #groupIds: readonly string[];
  readonly #taskArn: string;

  private constructor(groupIds: readonly string[], taskArn: string) {
    this.#groupIds = groupIds;
    this.#taskArn = taskArn;
  }

  static async leave(bastions: Deployment): Promise<Orphans> {
    const group = await makeGroup(bastions, `bastion-${ghost(4)}`, ours(4));
    const taskArn = await runTask(bastions, ghost(4), ours(4), group);
    return new Orphans([group, await makeGroup(bastions, `bastion-${ghost(5)}`, ours(5))], taskArn);
  }

  async checkGone(bastions: Deployment, oracle: Oracle): Promise<void> {
    for (const { id } of bastions.aws.ec2.groups.all())
      if (this.#groupIds.includes(id)) oracle.violated(`the orphaned security group ${id} is left`);
    for (const { taskArn } of await bastions.tasksAlive())
      if (taskArn === this.#taskArn) oracle.violated(`the orphaned task ${taskArn} is left`);
  }
}

/** Neither a stranger's nor an orphan's session ever had a row. */
export const isGhost = (sessionId: string): boolean => sessionId.startsWith(ghost().slice(0, 9));
