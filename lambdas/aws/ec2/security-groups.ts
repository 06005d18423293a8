/** One security group per session, named and tagged after it. */
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  type DescribeSecurityGroupsCommandInput,
  type EC2Client,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import { securityGroupPrefix, tags } from '../../../contracts/account.ts';
import { AwsRefused, Conflict } from '../../core/session/errors.ts';
import type { Clock, CreatedGroup, IngressRule, Removal, SecurityGroups } from '../../core/session/ports.ts';
import type { Session } from '../../core/session/session.ts';
import { hasPort, type PortRange } from '../../core/session/settings.ts';
import { failedTo, isNamed, isThrottle, toDomainError } from '../errors.ts';
import { tagsOf } from '../tags.ts';
import { groupUnknown, untilFound, untilKnown } from './eventual-consistency.ts';
import { permission, rulesIn } from './ingress.ts';

/** The groups of a stack. */
export interface GroupScope {
  /** Id of the VPC. */
  readonly vpc: string;
  /** Name of the stack. */
  readonly stack: string;
  /** The ports of bastions, in the functions that open them. */
  readonly sshPorts?: PortRange;
}

export class Ec2SecurityGroups implements SecurityGroups {
  readonly #client: EC2Client;
  readonly #scope: GroupScope;
  readonly #clock: Clock;

  constructor(client: EC2Client, scope: GroupScope, clock: Clock) {
    this.#client = client;
    this.#scope = scope;
    this.#clock = clock;
  }

  async create(session: Session): Promise<CreatedGroup> {
    const command = new CreateSecurityGroupCommand({
      GroupName: nameOf(session),
      Description: `Bastion session ${session.sessionId}`,
      VpcId: this.#scope.vpc,
      TagSpecifications: [{ ResourceType: 'security-group', Tags: tagsOf(session, this.#scope.stack, upperCase) }],
    });
    try {
      const { GroupId, $metadata } = await this.#client.send(command);
      if (GroupId !== undefined) return { securityGroupId: GroupId, mayReappear: $metadata.attempts !== 1 };
      throw new Error(`EC2 created the security group ${nameOf(session)} but named no GroupId.`);
    } catch (error) {
      // EC2 has no client token for this call. The name is what makes it repeatable.
      // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
      if (!isDuplicate(error)) throw toDomainError(error, creating);
      return untilKnown(this.#clock, isDuplicate, async () => {
        const group = await this.#byName(session);
        if (group?.GroupId === undefined) throw error;
        return { securityGroupId: group.GroupId, mayReappear: true };
      }).catch((failure: unknown) => {
        throw toDomainError(failure, creating, true); // an earlier try has made the group
      });
    }
  }

  async rules(session: Session, groupId: string): Promise<readonly IngressRule[]> {
    const group = await untilFound(this.#clock, () => this.byId(groupId)).catch(failedTo(describing));
    if (group === undefined)
      throw new AwsRefused(`EC2 does not know ${groupId}, the security group of ${session.sessionId}.`);
    checkName(group, session);
    return (group.IpPermissions ?? []).flatMap(rulesIn);
  }

  async allow(groupId: string, rules: readonly IngressRule[]): Promise<void> {
    for (const { fromPort } of rules) this.#checkPort(fromPort);
    await Promise.all(rules.map((rule) => this.#authorize(groupId, rule)));
  }

  async revoke(groupId: string, rules: readonly IngressRule[]): Promise<void> {
    await Promise.all(rules.map((rule) => this.#revoke(groupId, rule)));
  }

  async remove(session: Session): Promise<Removal> {
    const id = session.securityGroupId;
    const find = id === undefined ? this.#byName(session) : this.byId(id);
    const group = await find.catch(failedTo(describing));
    checkName(group, session);
    const groupId = id ?? group?.GroupId;
    return groupId === undefined ? 'absent' : this.removeFound(groupId, group);
  }

  async users(groupId: string): Promise<readonly string[]> {
    const query = { Filters: [{ Name: 'group-id', Values: [groupId] }] };
    const command = new DescribeNetworkInterfacesCommand(query);
    const { NetworkInterfaces = [] } = await this.#client.send(command).catch(failedTo('list network interfaces'));
    return NetworkInterfaces.flatMap(({ NetworkInterfaceId }) => NetworkInterfaceId ?? []);
  }

  async #authorize(groupId: string, rule: IngressRule): Promise<void> {
    const command = new AuthorizeSecurityGroupIngressCommand({ GroupId: groupId, IpPermissions: [permission(rule)] });
    try {
      await untilKnown(this.#clock, groupUnknown, () => this.#client.send(command));
    } catch (error) {
      if (!isNamed(error, 'InvalidPermission.Duplicate')) throw toDomainError(error, 'open the security group');
    }
  }

  async #revoke(groupId: string, rule: IngressRule): Promise<void> {
    const command = new RevokeSecurityGroupIngressCommand({ GroupId: groupId, IpPermissions: [permission(rule)] });
    try {
      await untilKnown(this.#clock, groupUnknown, () => this.#client.send(command));
    } catch (error) {
      if (!isNamed(error, 'InvalidPermission.NotFound')) throw toDomainError(error, 'close the security group');
    }
  }

  /** A row may come from a function that may not open ports, so its port is not believed. */
  #checkPort(port: number | undefined): void {
    const { sshPorts } = this.#scope;
    if (port !== undefined && sshPorts && hasPort(sshPorts, port)) return;
    throw new Conflict(
      `This bastion is on port ${port}, which this deployment does not open any more. Stop it (DELETE), and start another.`,
    );
  }

  /** @param group as EC2 has just described it, if it knew it */
  protected removeFound(groupId: string, group: SecurityGroup | undefined): Promise<Removal> {
    return removeGroup(this.#client, groupId, group);
  }

  /** Finds a group by a filter, so that one that EC2 does not know is no error. */
  protected byId(groupId: string): Promise<SecurityGroup | undefined> {
    return groupById(this.#client, groupId);
  }

  #byName(session: Session): Promise<SecurityGroup | undefined> {
    return findGroup(this.#client, {
      Filters: [
        { Name: 'group-name', Values: [nameOf(session)] },
        { Name: 'vpc-id', Values: [this.#scope.vpc] },
      ],
    });
  }
}

const creating = 'create a security group';
const describing = 'describe the security group';

const isDuplicate = (error: unknown): boolean => isNamed(error, 'InvalidGroup.Duplicate');

/** Finds a group by a filter, so that a group that EC2 does not know is no error. */
const groupById = (client: EC2Client, groupId: string): Promise<SecurityGroup | undefined> =>
  findGroup(client, { Filters: [{ Name: 'group-id', Values: [groupId] }] });

async function findGroup(
  client: EC2Client,
  query: DescribeSecurityGroupsCommandInput,
): Promise<SecurityGroup | undefined> {
  const { SecurityGroups } = await client.send(new DescribeSecurityGroupsCommand(query));
  return SecurityGroups?.[0];
}

export const isKeptGroup = (group: SecurityGroup): boolean => group.Tags?.some(({ Key }) => Key === tags.keep) ?? false;

/** Deletes the group unless a person keeps it. */
export async function removeGroupById(client: EC2Client, groupId: string): Promise<Removal> {
  return removeGroup(client, groupId, await groupById(client, groupId).catch(failedTo(describing)));
}

/** @param group as EC2 has just described it, if it knew it */
async function removeGroup(client: EC2Client, groupId: string, group: SecurityGroup | undefined): Promise<Removal> {
  if (group && isKeptGroup(group)) return 'kept';
  try {
    await client.send(new DeleteSecurityGroupCommand({ GroupId: groupId }));
    return 'removed';
  } catch (error) {
    if (isNamed(error, 'InvalidGroup.NotFound')) return 'absent';
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html
    if (isNamed(error, 'DependencyViolation', 'InvalidGroup.InUse')) return 'in-use';
    if (isThrottle(error)) return 'throttled';
    // EC2 denies because the group is gone (see `groupUnknown`), or because a person has taken our tag off.
    if (isNamed(error, 'UnauthorizedOperation') && !(await groupById(client, groupId).catch(failedTo(describing))))
      return 'absent';
    throw toDomainError(error, 'delete the security group');
  }
}

/** Throws when a row names a group that is not the session's own. Only a forged row does. */
function checkName(group: SecurityGroup | undefined, session: Session): void {
  if (group === undefined || group.GroupName === nameOf(session)) return;
  throw new Error(
    `Session ${session.sessionId} names the security group ${group.GroupName}, expected ${nameOf(session)}. Nothing was changed.`,
  );
}

const nameOf = (session: Session): string => `${securityGroupPrefix}${session.sessionId}`;

const upperCase = (key: string, value: string) => ({ Key: key, Value: value });
