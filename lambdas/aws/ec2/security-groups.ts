/** One security group per session, named and tagged after it. */
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  type DescribeSecurityGroupsCommandInput,
  type EC2Client,
  type IpPermission,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import { securityGroupPrefix, tags } from '../../../contracts/account.ts';
import type { Clock, CreatedGroup, Removal, SecurityGroups } from '../../core/session/ports.ts';
import { type Session, sshAgentOf } from '../../core/session/session.ts';
import { inOurWords, isNamed } from '../aws-errors.ts';
import { tagsOf } from '../tags.ts';
import { groupUnknown, untilKnown } from './eventual-consistency.ts';

export interface Ec2Place {
  readonly vpcId: string;
  readonly stack: string;
}

export class Ec2SecurityGroups implements SecurityGroups {
  readonly #client: EC2Client;
  readonly #place: Ec2Place;
  readonly #clock: Clock;

  constructor(client: EC2Client, place: Ec2Place, clock: Clock) {
    this.#client = client;
    this.#place = place;
    this.#clock = clock;
  }

  async create(session: Session): Promise<CreatedGroup> {
    const command = new CreateSecurityGroupCommand({
      GroupName: nameOf(session),
      Description: `Bastion session ${session.sessionId}`,
      VpcId: this.#place.vpcId,
      TagSpecifications: [{ ResourceType: 'security-group', Tags: tagsOf(session, this.#place.stack, upperCase) }],
    });
    try {
      const { GroupId, $metadata } = await this.#client.send(command);
      if (GroupId !== undefined) return { securityGroupId: GroupId, mayComeAgain: $metadata.attempts !== 1 };
      throw new Error(`EC2 created the security group ${nameOf(session)} but named no GroupId.`);
    } catch (error) {
      // There is no client token for this call: the name is what makes it repeatable.
      // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
      if (!isDuplicate(error)) throw inOurWords(error, 'create a security group');
      return untilKnown(this.#clock, isDuplicate, async () => {
        const group = await this.#byName(session);
        if (group?.GroupId === undefined) throw error;
        return { securityGroupId: group.GroupId, mayComeAgain: true };
      });
    }
  }

  async admit(groupId: string, session: Session): Promise<void> {
    await Promise.all(session.allowedCidrs.map((cidr) => this.#authorize(groupId, permission(session, cidr))));
  }

  async admitToo(groupId: string, session: Session): Promise<() => Promise<void>> {
    const group = await untilKnown(this.#clock, groupUnknown, () => findGroup(this.#client, { GroupIds: [groupId] }));
    const wanted = session.allowedCidrs;
    const open = (group?.IpPermissions ?? []).flatMap(cidrsOf);
    const missing = wanted.filter((cidr) => !open.some((rule) => rule.cidr === cidr));
    const extra = open.filter((rule) => !wanted.includes(rule.cidr));
    await Promise.all(missing.map((cidr) => this.#authorize(groupId, permission(session, cidr))));
    return async () => {
      await Promise.all(extra.map(({ rule }) => this.#revoke(groupId, rule)));
    };
  }

  async remove(session: Session): Promise<Removal> {
    const id = session.securityGroupId;
    const group = id === undefined ? await this.#byName(session) : await groupById(this.#client, id);
    const groupId = id ?? group?.GroupId;
    return groupId === undefined ? 'absent' : removeGroup(this.#client, groupId, group);
  }

  async users(groupId: string): Promise<readonly string[]> {
    const query = { Filters: [{ Name: 'group-id', Values: [groupId] }] };
    const { NetworkInterfaces = [] } = await this.#client.send(new DescribeNetworkInterfacesCommand(query));
    return NetworkInterfaces.flatMap(({ NetworkInterfaceId }) => NetworkInterfaceId ?? []);
  }

  async #authorize(groupId: string, rule: IpPermission): Promise<void> {
    const command = new AuthorizeSecurityGroupIngressCommand({ GroupId: groupId, IpPermissions: [rule] });
    try {
      await untilKnown(this.#clock, groupUnknown, () => this.#client.send(command));
    } catch (error) {
      if (!isNamed(error, 'InvalidPermission.Duplicate')) throw inOurWords(error, 'open the security group');
    }
  }

  async #revoke(groupId: string, rule: IpPermission): Promise<void> {
    const command = new RevokeSecurityGroupIngressCommand({ GroupId: groupId, IpPermissions: [rule] });
    try {
      await untilKnown(this.#clock, groupUnknown, () => this.#client.send(command));
    } catch (error) {
      if (!isNamed(error, 'InvalidPermission.NotFound')) throw error;
    }
  }

  #byName(session: Session): Promise<SecurityGroup | undefined> {
    return findGroup(this.#client, {
      Filters: [
        { Name: 'group-name', Values: [nameOf(session)] },
        { Name: 'vpc-id', Values: [this.#place.vpcId] },
      ],
    });
  }
}

const isDuplicate = (error: unknown): boolean => isNamed(error, 'InvalidGroup.Duplicate');

/** By a filter, so that a group that EC2 does not know is no error. */
export const groupById = (client: EC2Client, groupId: string): Promise<SecurityGroup | undefined> =>
  findGroup(client, { Filters: [{ Name: 'group-id', Values: [groupId] }] });

async function findGroup(
  client: EC2Client,
  query: DescribeSecurityGroupsCommandInput,
): Promise<SecurityGroup | undefined> {
  const { SecurityGroups } = await client.send(new DescribeSecurityGroupsCommand(query));
  return SecurityGroups?.[0];
}

export const isKeptGroup = (group: SecurityGroup): boolean => group.Tags?.some(({ Key }) => Key === tags.keep) ?? false;

/** @param seen as EC2 has just described it, if it knew it */
export async function removeGroup(
  client: EC2Client,
  groupId: string,
  seen: SecurityGroup | undefined,
): Promise<Removal> {
  if (seen && isKeptGroup(seen)) return 'kept';
  try {
    await client.send(new DeleteSecurityGroupCommand({ GroupId: groupId }));
    return 'removed';
  } catch (error) {
    if (isNamed(error, 'InvalidGroup.NotFound')) return 'absent';
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html
    if (isNamed(error, 'DependencyViolation', 'InvalidGroup.InUse')) return 'in-use';
    // Because it is gone (see `groupUnknown`), or because somebody has taken our tag off.
    if (isNamed(error, 'UnauthorizedOperation') && !(await groupById(client, groupId))) return 'absent';
    throw error;
  }
}

const nameOf = (session: Session): string => `${securityGroupPrefix}${session.sessionId}`;

const upperCase = (key: string, value: string) => ({ Key: key, Value: value });

/**
 * TCP on the agent's port from one address range.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
 */
function permission(session: Session, cidr: string): IpPermission {
  const { port } = sshAgentOf(session);
  const range = cidr.includes(':') ? { Ipv6Ranges: [{ CidrIpv6: cidr }] } : { IpRanges: [{ CidrIp: cidr }] };
  return { IpProtocol: 'tcp', FromPort: port, ToPort: port, ...range };
}

/** Every range of a permission, each as a permission of its own that can be revoked alone. */
function cidrsOf(rule: IpPermission): { cidr: string; rule: IpPermission }[] {
  const { IpRanges = [], Ipv6Ranges = [], IpProtocol, FromPort, ToPort } = rule;
  const base = { IpProtocol, FromPort, ToPort };
  return [
    ...IpRanges.flatMap(({ CidrIp }) => (CidrIp ? [{ cidr: CidrIp, rule: { ...base, IpRanges: [{ CidrIp }] } }] : [])),
    ...Ipv6Ranges.flatMap(({ CidrIpv6 }) =>
      CidrIpv6 ? [{ cidr: CidrIpv6, rule: { ...base, Ipv6Ranges: [{ CidrIpv6 }] } }] : [],
    ),
  ];
}
