import { DescribeSecurityGroupsCommand, type EC2Client, type SecurityGroup } from '@aws-sdk/client-ec2';
import type { Clock, Removal } from '../../core/session/ports.ts';
import { Batcher } from '../batcher.ts';
import { failedTo } from '../errors.ts';
import { Turns } from '../turns.ts';
import { Ec2SecurityGroups, type GroupScope } from './security-groups.ts';

/** A filter has at most 200 values. https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-pagination.html */
const mostGroups = 200;

/**
 * Less than what EC2 allows the whole account, because people who stop their bastions delete groups too. A pass goes on after this wait.
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 */
const removals = { burst: 45, perSecond: 4.5, mostWaitMs: 15_000 };

const describing = 'describe the security groups';

/** Groups for a pass that looks at many of them: those that it looks for at the same time come in one call. */
export class BatchedSecurityGroups extends Ec2SecurityGroups {
  readonly #groups: Batcher<SecurityGroup | null>;
  readonly #removals: Turns;

  constructor(client: EC2Client, scope: GroupScope, clock: Clock) {
    super(client, scope, clock);
    const callForAll = (ids: readonly string[]) => describeAll(client, ids);
    this.#removals = new Turns(clock, removals);
    this.#groups = new Batcher({ most: mostGroups, callForAll, action: describing, clock });
  }

  protected override async removeFound(groupId: string, group: SecurityGroup | undefined): Promise<Removal> {
    return (await this.#removals.take()) ? super.removeFound(groupId, group) : 'throttled';
  }

  protected override async byId(groupId: string): Promise<SecurityGroup | undefined> {
    return (await this.#groups.ask(groupId)) ?? undefined;
  }
}

/** Looks for them by a filter, so that a group that EC2 does not know is no error. */
async function describeAll(
  client: EC2Client,
  groupIds: readonly string[],
): Promise<ReadonlyMap<string, SecurityGroup | null>> {
  const command = new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'group-id', Values: [...groupIds] }] });
  const { SecurityGroups = [] } = await client.send(command).catch(failedTo(describing));
  const groupById = new Map(SecurityGroups.map((group) => [group.GroupId, group]));
  return new Map(groupIds.map((id) => [id, groupById.get(id) ?? null]));
}
