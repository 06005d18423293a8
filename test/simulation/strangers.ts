/** Resources of others in the same account, some of which look much like ours. Nothing of them is ever touched. */
import { CreateSecurityGroupCommand } from '@aws-sdk/client-ec2';
import { RunTaskCommand } from '@aws-sdk/client-ecs';
import type { Deployment } from '../support/deployment.ts';
import type { Oracle } from './oracle.ts';

export class Strangers {
  readonly #groupIds: readonly string[];
  readonly #taskArn: string;

  private constructor(groupIds: readonly string[], taskArn: string) {
    this.#groupIds = groupIds;
    this.#taskArn = taskArn;
  }

  static async settle({ clock, ec2, ecs, cluster, stack }: Deployment): Promise<Strangers> {
    const [vpc] = stack.vpcs;
    const [subnet] = stack.subnets;
    const [definition] = stack.taskDefinitions;
    const groups = [
      { GroupName: 'web', Tags: [] },
      { GroupName: 'bastion-of-others', Tags: [] },
      {
        GroupName: 'bastion-of-another-stack',
        Tags: [
          { Key: 'bastion:stack', Value: 'Other' },
          { Key: 'bastion:session', Value: 'x' },
        ],
      },
    ];
    const groupIds: string[] = [];
    for (const { GroupName, Tags } of groups) {
      const command = new CreateSecurityGroupCommand({
        GroupName,
        Description: 'of others',
        VpcId: vpc?.vpcId,
        ...(Tags.length > 0 && { TagSpecifications: [{ ResourceType: 'security-group' as const, Tags }] }),
      });
      groupIds.push((await clock.run(ec2.send(command))).GroupId ?? '');
    }
    const [web = ''] = groupIds;
    const task = new RunTaskCommand({
      cluster,
      taskDefinition: definition?.family,
      launchType: 'FARGATE',
      startedBy: 'somebody-else',
      networkConfiguration: { awsvpcConfiguration: { subnets: [subnet?.subnetId ?? ''], securityGroups: [web] } },
    });
    const { tasks = [] } = await clock.run(ecs.send(task));
    return new Strangers(groupIds, tasks[0]?.taskArn ?? '');
  }

  async checkUntouched(bastions: Deployment, oracle: Oracle): Promise<void> {
    for (const id of this.#groupIds) {
      const group = bastions.aws.ec2.groups.all().find((one) => one.id === id);
      if (!group || group.ingress.length > 0) oracle.violated(`the security group ${id} of others was touched`);
    }
    const alive = await bastions.tasksAlive();
    if (!alive.some(({ taskArn }) => taskArn === this.#taskArn)) oracle.violated('the task of others was stopped');
  }
}
