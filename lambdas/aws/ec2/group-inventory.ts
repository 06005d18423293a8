/** The security groups of our VPC that carry our tag, or have a name like ours. */
import { type EC2Client, type Filter, paginateDescribeSecurityGroups, type SecurityGroup } from '@aws-sdk/client-ec2';
import { securityGroupPrefix, tags } from '../../../contracts/account.ts';
import type { Removal, Resource, Resources } from '../../core/session/ports.ts';
import { isSessionId } from '../../core/session/session.ts';
import { type Ec2Place, groupById, isKeptGroup, removeGroup } from './security-groups.ts';

const pageSize = 100;

export class Ec2GroupResources implements Resources {
  readonly kind = 'security group';
  readonly #client: EC2Client;
  readonly #place: Ec2Place;

  constructor(client: EC2Client, place: Ec2Place) {
    this.#client = client;
    this.#place = place;
  }

  async *all(): AsyncIterable<Resource> {
    const { stack } = this.#place;
    yield* this.#matching({ Name: `tag:${tags.stack}`, Values: [stack] }, (group) => toResource(group, true));
    // A name lasts as long as its group, but somebody may have taken the tag off.
    yield* this.#matching({ Name: 'group-name', Values: [`${securityGroupPrefix}*`] }, (group) =>
      tagOf(group, tags.stack) === undefined && isSessionId(sessionNamedBy(group))
        ? toResource(group, false)
        : undefined,
    );
  }

  async remove(groupId: string): Promise<Removal> {
    return removeGroup(this.#client, groupId, await groupById(this.#client, groupId));
  }

  async *#matching(filter: Filter, read: (group: SecurityGroup) => Resource | undefined): AsyncIterable<Resource> {
    const Filters = [{ Name: 'vpc-id', Values: [this.#place.vpcId] }, filter];
    for await (const page of paginateDescribeSecurityGroups({ client: this.#client, pageSize }, { Filters })) {
      for (const group of page.SecurityGroups ?? []) {
        const resource = read(group);
        if (resource) yield resource;
      }
    }
  }
}

function toResource(group: SecurityGroup, isOurs: boolean): Resource {
  const named = sessionNamedBy(group);
  return {
    kind: 'security group',
    id: group.GroupId ?? '',
    sessionId: isSessionId(named) ? named : tagOf(group, tags.session),
    isOurs,
    isKept: isKeptGroup(group),
    isLeaving: false, // a group is there or gone
  };
}

const sessionNamedBy = ({ GroupName = '' }: SecurityGroup): string =>
  GroupName.startsWith(securityGroupPrefix) ? GroupName.slice(securityGroupPrefix.length) : '';

const tagOf = ({ Tags }: SecurityGroup, key: string): string | undefined => Tags?.find(({ Key }) => Key === key)?.Value;
