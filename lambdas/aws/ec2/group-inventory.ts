/** The security groups of the VPC that carry the stack's tag, or have a name like a session's. */
import { type EC2Client, type Filter, paginateDescribeSecurityGroups, type SecurityGroup } from '@aws-sdk/client-ec2';
import { securityGroupPrefix, tags } from '../../../contracts/account.ts';
import type { FoundResource, Inventory, Removal } from '../../core/session/ports.ts';
import { isSessionId } from '../../core/session/session-id.ts';
import { pagesOf } from '../errors.ts';
import { type GroupScope, isKeptGroup, removeGroupById } from './security-groups.ts';

const pageSize = 100;

export class Ec2GroupInventory implements Inventory {
  readonly kind = 'security group';
  readonly #client: EC2Client;
  readonly #scope: GroupScope;

  constructor(client: EC2Client, scope: GroupScope) {
    this.#client = client;
    this.#scope = scope;
  }

  async *all(): AsyncIterable<FoundResource> {
    const { stack } = this.#scope;
    yield* this.#matching({ Name: `tag:${tags.stack}`, Values: [stack] }, (group) => toFoundResource(group, true));
    // A name lasts as long as its group, but a person may have taken the tag off.
    yield* this.#matching({ Name: 'group-name', Values: [`${securityGroupPrefix}*`] }, (group) =>
      tagOf(group, tags.stack) === undefined && isSessionId(idInName(group))
        ? toFoundResource(group, false)
        : undefined,
    );
  }

  async remove(groupId: string): Promise<Removal> {
    return removeGroupById(this.#client, groupId);
  }

  async *#matching(
    filter: Filter,
    read: (group: SecurityGroup) => FoundResource | undefined,
  ): AsyncIterable<FoundResource> {
    const Filters = [{ Name: 'vpc-id', Values: [this.#scope.vpc] }, filter];
    const pages = paginateDescribeSecurityGroups({ client: this.#client, pageSize }, { Filters });
    for await (const page of pagesOf(pages, 'list security groups')) {
      for (const group of page.SecurityGroups ?? []) {
        const resource = read(group);
        if (resource) yield resource;
      }
    }
  }
}

function toFoundResource(group: SecurityGroup, isOurs: boolean): FoundResource {
  const id = idInName(group);
  return {
    kind: 'security group',
    id: group.GroupId ?? '',
    sessionId: isSessionId(id) ? id : tagOf(group, tags.session),
    isOurs,
    isKept: isKeptGroup(group),
    isLeaving: false, // a group is there or gone
  };
}

const idInName = ({ GroupName = '' }: SecurityGroup): string =>
  GroupName.startsWith(securityGroupPrefix) ? GroupName.slice(securityGroupPrefix.length) : '';

const tagOf = ({ Tags }: SecurityGroup, key: string): string | undefined => Tags?.find(({ Key }) => Key === key)?.Value;
