import { arn, type Context, ec2Id } from '../context.ts';
import { AwsError } from '../wire.ts';
import { parseCidr, parsePeer } from './cidr.ts';
import type { Network } from './network.ts';
import { describeRules, type Rule, ruleAllows, ruleKey } from './rules.ts';
import { describeTags } from './tags.ts';

/** A security group of one VPC. */
export interface SecurityGroup {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly vpcId: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly tags: Map<string, string>;
  ingress: readonly Rule[];
  /** The last rules that EC2 has replaced and may still show, oldest first. */
  outdated: readonly { readonly ingress: readonly Rule[]; readonly shownUntil: number }[];
  readonly egress: readonly Rule[];
}

/** A request for a group. */
export interface NewSecurityGroup extends Pick<SecurityGroup, 'name' | 'description' | 'vpcId' | 'tags'> {
  /** The id of a group that the account has from the beginning. Undefined generates one. */
  readonly id?: string;
}

/** The names and descriptions that EC2 takes. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html */
const allowedText = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/;

/**
 * The most rules that a group has. EC2 counts IPv4 and IPv6 separately.
 * https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
 */
const rulesPerGroup = 60;

/** The security groups of the account, and the connections that they allow. */
export class SecurityGroups {
  readonly #context: Context;
  readonly #network: Network;
  readonly #groups = new Map<string, SecurityGroup>();

  constructor(context: Context, network: Network) {
    this.#context = context;
    this.#network = network;
  }

  /** Makes a group. Throws an AwsError if its VPC is unknown, if EC2 refuses the texts, or if the VPC has a group of that name. */
  create(request: NewSecurityGroup): SecurityGroup {
    const { name, description, vpcId, tags } = request;
    this.#network.vpc(vpcId);
    for (const [field, text] of Object.entries({ groupName: name, groupDescription: description })) {
      if (!allowedText.test(text)) {
        throw new AwsError(
          'InvalidParameterValue',
          `Value (${text}) for parameter ${field} is invalid. ` +
            'Character sets beyond a-z, A-Z, 0-9, spaces and ._-:/()#,@[]+=&;{}!$* are not supported, and at most 255 characters.',
        );
      }
    }
    if (
      name.toLowerCase().startsWith('sg-') ||
      (name.toLowerCase() === 'default' && this.default(vpcId) !== undefined)
    ) {
      throw new AwsError(
        'InvalidParameterValue',
        `Value (${name}) for parameter groupName is invalid. The name is reserved.`,
      );
    }
    const namesake = this.#in(vpcId).find((group) => group.name.toLowerCase() === name.toLowerCase());
    if (namesake !== undefined) {
      throw new AwsError('InvalidGroup.Duplicate', `The security group '${name}' already exists for VPC '${vpcId}'`);
    }
    const id = request.id ?? ec2Id(this.#context, 'sg');
    const group = {
      id,
      name,
      description,
      vpcId,
      createdAt: this.#context.clock.now(),
      tags,
      ingress: [],
      outdated: [],
      egress: [allowAll()],
    };
    this.#groups.set(id, group);
    return group;
  }

  /** Throws InvalidGroup.NotFound if the group does not exist or is not visible yet. */
  get(id: string): SecurityGroup {
    const group = this.#groups.get(id);
    if (group === undefined || !this.#isVisible(group)) throw groupNotFound(id);
    return group;
  }

  /** Returns every visible group. */
  all(): readonly SecurityGroup[] {
    return [...this.#groups.values()].filter((group) => this.#isVisible(group));
  }

  /** Returns the group that every VPC has. A network interface without groups gets it. */
  default(vpcId: string): SecurityGroup | undefined {
    return this.#in(vpcId).find(({ name }) => name === 'default');
  }

  /** Adds all rules. Throws an AwsError and adds none if one of them exists already, or if the group would have too many. */
  authorize(id: string, rules: readonly Rule[]): void {
    const group = this.get(id);
    const existingKeys = new Set(group.ingress.map(ruleKey));
    const duplicate = rules.find((rule) => existingKeys.has(ruleKey(rule)));
    if (duplicate !== undefined) {
      const { protocol, fromPort, toPort, cidr } = duplicate;
      const ports = fromPort === undefined ? '' : `, from port: ${fromPort}, to port: ${toPort}`;
      throw new AwsError(
        'InvalidPermission.Duplicate',
        `the specified rule "peer: ${cidr.text}, ${protocol.toUpperCase()}${ports}, ALLOW" already exists`,
      );
    }
    const ingress = [...group.ingress, ...rules];
    const mostRules = Math.max(
      ...[4, 6].map((version) => ingress.filter(({ cidr }) => cidr.version === version).length),
    );
    if (mostRules > rulesPerGroup) {
      throw new AwsError(
        'RulesPerSecurityGroupLimitExceeded',
        `The maximum number of rules per security group (${rulesPerGroup}) has been reached.`,
      );
    }
    this.#replaceRules(group, ingress);
  }

  /** Removes all rules. Throws an AwsError and removes none if one of them does not exist. */
  revoke(id: string, rules: readonly Rule[]): void {
    const group = this.get(id);
    const existingKeys = new Set(group.ingress.map(ruleKey));
    if (rules.some((rule) => !existingKeys.has(ruleKey(rule)))) {
      throw new AwsError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
    }
    const revokedKeys = new Set(rules.map(ruleKey));
    this.#replaceRules(
      group,
      group.ingress.filter((rule) => !revokedKeys.has(ruleKey(rule))),
    );
  }

  /**
   * Deletes a group. Throws an AwsError if the group is in use, or is the default group of its VPC.
   *
   * @param isInUse whether a network interface still has the group
   */
  remove(id: string, isInUse: boolean): void {
    const { name } = this.get(id);
    if (name === 'default') {
      throw new AwsError('CannotDelete', `the specified group: "${id}" name: "default" cannot be deleted by a user`);
    }
    if (isInUse) throw new AwsError('DependencyViolation', `resource ${id} has a dependent object`);
    this.#groups.delete(id);
  }

  /** Says whether one of the groups allows this connection from outside. */
  allows(groupIds: readonly string[], connection: { protocol: string; port: number; sourceIp: string }): boolean {
    const source = parsePeer(connection.sourceIp);
    if (source === undefined) return false;
    return groupIds
      .flatMap((id) => this.#groups.get(id)?.ingress ?? [])
      .some((rule) => ruleAllows(rule, { ...connection, source }));
  }

  /** Returns the group as EC2 shows it. */
  describe(group: SecurityGroup): object {
    return {
      ownerId: this.#context.accountId,
      groupName: group.name,
      groupDescription: group.description,
      ipPermissions: describeRules(this.#stillShown(group)[0]?.ingress ?? group.ingress),
      groupId: group.id,
      ipPermissionsEgress: describeRules(group.egress),
      tagSet: describeTags(group.tags),
      vpcId: group.vpcId,
      securityGroupArn: this.arn(group),
    };
  }

  /** Returns the ARN of the group. */
  arn(group: SecurityGroup): string {
    return arn(this.#context, 'ec2', `security-group/${group.id}`);
  }

  #replaceRules(group: SecurityGroup, ingress: readonly Rule[]): void {
    const { clock, delays } = this.#context;
    const shownUntil = clock.now() + delays.rulesVisibleMs;
    group.outdated = [...this.#stillShown(group), { ingress: group.ingress, shownUntil }];
    group.ingress = ingress;
  }

  #stillShown({ outdated }: SecurityGroup): SecurityGroup['outdated'] {
    return outdated.filter(({ shownUntil }) => shownUntil > this.#context.clock.now());
  }

  #in(vpcId: string): readonly SecurityGroup[] {
    return [...this.#groups.values()].filter((group) => group.vpcId === vpcId);
  }

  #isVisible(group: SecurityGroup): boolean {
    return this.#context.clock.now() >= group.createdAt + this.#context.delays.visibilityMs;
  }
}

/** Makes EC2's refusal of an unknown group. */
export function groupNotFound(id: string): AwsError {
  return new AwsError('InvalidGroup.NotFound', `The security group '${id}' does not exist`);
}

function allowAll(): Rule {
  const cidr = parseCidr('0.0.0.0/0');
  if (cidr === undefined) throw new Error('Got undefined for 0.0.0.0/0, expected a CIDR block. parseCidr has a bug.');
  return { protocol: '-1', fromPort: undefined, toPort: undefined, cidr, description: undefined };
}
