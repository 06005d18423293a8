import * as v from 'valibot';
import { AwsError } from '../wire.ts';
import { type Address, type Cidr, contains, parseCidr } from './cidr.ts';

/** One source from which a security group allows connections, or one destination to which it allows them. */
export interface Rule {
  /** `tcp`, `udp`, `icmp`, `icmpv6`, a protocol number, or `-1` for everything. */
  readonly protocol: string;
  readonly fromPort: number | undefined;
  readonly toPort: number | undefined;
  readonly cidr: Cidr;
  readonly description: string | undefined;
}

const port = v.optional(v.pipe(v.string(), v.toNumber(), v.integer()));
const description = v.optional(v.string());

/** The permissions of a request, all by CIDR block. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html */
const ipPermissions = v.array(
  v.object({
    IpProtocol: v.string(),
    FromPort: port,
    ToPort: port,
    IpRanges: v.optional(v.array(v.object({ CidrIp: v.string(), Description: description })), []),
    Ipv6Ranges: v.optional(v.array(v.object({ CidrIpv6: v.string(), Description: description })), []),
  }),
);

type IpPermission = v.InferOutput<typeof ipPermissions>[number];

/**
 * A change of the rules of a group. One rule for IPv4 may stand in the request itself.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html
 */
export const ruleChange = v.object({
  GroupId: v.string(),
  IpPermissions: v.optional(ipPermissions),
  IpProtocol: v.optional(v.string()),
  FromPort: port,
  ToPort: port,
  CidrIp: v.optional(v.string()),
});

/** Returns the rules of a change. Throws an AwsError if it has them in both forms or in none, or if a rule is not valid. */
export function changedRules({ IpPermissions, ...change }: v.InferOutput<typeof ruleChange>): Rule[] {
  const { IpProtocol, FromPort, ToPort, CidrIp } = change;
  const flatParameter = Object.entries({ IpProtocol, FromPort, ToPort, CidrIp }).find(
    ([, value]) => value !== undefined,
  );
  if (IpPermissions !== undefined) {
    if (flatParameter === undefined) return rulesOf(IpPermissions);
    throw new AwsError(
      'InvalidParameterCombination',
      `The parameter ${flatParameter[0]} cannot be used with the parameter IpPermissions`,
    );
  }
  if (IpProtocol === undefined || CidrIp === undefined) {
    const parameter = flatParameter === undefined ? 'IpPermissions' : 'IpProtocol and CidrIp';
    throw new AwsError('MissingParameter', `The request must contain the parameter ${parameter}`);
  }
  return rulesOf([{ IpProtocol, FromPort, ToPort, IpRanges: [{ CidrIp }], Ipv6Ranges: [] }]);
}

/** Parses the permissions of one call into rules. Throws an AwsError if a source, a port or a protocol is not valid. */
export function rulesOf(permissions: readonly IpPermission[]): Rule[] {
  const rules = permissions.flatMap((permission) => {
    const ranges = [
      ...permission.IpRanges.map((range) => ({ ...range, version: 4, text: range.CidrIp })),
      ...permission.Ipv6Ranges.map((range) => ({ ...range, version: 6, text: range.CidrIpv6 })),
    ];
    if (ranges.length === 0) {
      throw new AwsError('MissingParameter', 'Each IpPermission must contain an IpRange or an Ipv6Range.');
    }
    return ranges.map((range) => {
      const cidr = parseCidr(range.text);
      if (cidr?.version !== range.version) {
        throw new AwsError('InvalidParameterValue', `CIDR block ${range.text} is malformed`);
      }
      return { ...portsOf(permission), cidr, description: range.Description };
    });
  });
  if (new Set(rules.map(ruleKey)).size < rules.length) {
    throw new AwsError('InvalidParameterValue', 'The same permission must not appear multiple times');
  }
  return rules;
}

const protocolNames: Readonly<Record<string, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmpv6' };

function portsOf({ IpProtocol, FromPort, ToPort }: IpPermission): Omit<Rule, 'cidr' | 'description'> {
  const protocol = protocolNames[IpProtocol] ?? IpProtocol.toLowerCase();
  if (protocol === 'tcp' || protocol === 'udp') {
    if (FromPort === undefined || ToPort === undefined) {
      const requirement = 'Must specify both from and to ports with TCP/UDP.';
      throw new AwsError('InvalidParameterValue', `Invalid value '${requirement}' for portRange.`);
    }
    if (FromPort < 0 || ToPort > 65535 || FromPort > ToPort) {
      throw new AwsError('InvalidParameterValue', `Invalid TCP/UDP port range (${FromPort}-${ToPort})`);
    }
    return { protocol, fromPort: FromPort, toPort: ToPort };
  }
  if (protocol === 'icmp' || protocol === 'icmpv6') {
    return { protocol, fromPort: FromPort ?? -1, toPort: ToPort ?? -1 };
  }
  if (!/^(-1|\d+)$/.test(protocol)) {
    throw new AwsError('InvalidParameterValue', `Invalid value '${IpProtocol}' for IP protocol. Unknown protocol.`);
  }
  // Any other protocol allows all ports, and EC2 ignores the ports of the request.
  return { protocol, fromPort: undefined, toPort: undefined };
}

/** Returns a key for the rule. EC2 treats rules with equal keys as one, whatever their descriptions. */
export function ruleKey({ protocol, fromPort, toPort, cidr }: Rule): string {
  return [protocol, fromPort, toPort, cidr.text].join(' ');
}

/** Says whether the rule allows this connection. */
export function ruleAllows(rule: Rule, connection: { protocol: string; port: number; source: Address }): boolean {
  if (!contains(rule.cidr, connection.source)) return false;
  if (rule.protocol === '-1') return true;
  if (rule.protocol !== connection.protocol) return false;
  const { fromPort = 0, toPort = 65535 } = rule;
  return fromPort <= connection.port && connection.port <= toPort;
}

/** Returns rules as EC2 shows them. Rules with the same protocol and ports share an entry. */
export function describeRules(rules: readonly Rule[]): object[] {
  const byPorts = Object.groupBy(rules, ({ protocol, fromPort, toPort }) => [protocol, fromPort, toPort].join(' '));
  return Object.values(byPorts).flatMap((group) => {
    const [first] = group ?? [];
    if (group === undefined || first === undefined) return [];
    const ranges = (version: 4 | 6, name: string) =>
      group
        .filter((rule) => rule.cidr.version === version)
        .map((rule) => ({ [name]: rule.cidr.text, description: rule.description }));
    return {
      ipProtocol: first.protocol,
      fromPort: first.fromPort,
      toPort: first.toPort,
      groups: [],
      ipRanges: ranges(4, 'cidrIp'),
      ipv6Ranges: ranges(6, 'cidrIpv6'),
      prefixListIds: [],
    };
  });
}
