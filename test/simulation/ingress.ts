import type { Rule } from '../../emulator/ec2/rules.ts';
import type { Evidence } from './evidence.ts';
import { addressesOf } from './expectations.ts';
import type { Row } from './ledger.ts';

/** The default of the setting `sshPorts`, with which the stack is synthesized. */
const sshPort = 22;

/**
 * The violations of a live session's group. It allows exactly the address in its row, for SSH alone, and that is the address
 * from which its owner sent the last request.
 */
export function ingressViolations(evidence: Evidence, row: Row): string[] {
  const group = evidence.aws.ec2.groups.all().find(({ tags }) => tags.get('bastion:session') === row.sessionId);
  const ingress = group?.ingress ?? [];
  const actual = ingress.map(describeRule);
  const expected = row.allowedCidrs.map((cidr) => `${cidr} tcp ${sshPort}-${sshPort}`);
  const addresses = addressesOf(evidence, row);
  const name = `the security group of ${row.sessionId}`;
  return [
    ...(inWords(actual) === inWords(expected)
      ? []
      : [`${name} allows ${inWords(actual)}, expected ${inWords(expected)}`]),
    ...ingress
      .filter(({ cidr }) => !addresses.includes(cidr.text))
      .map(({ cidr }) => `${name} allows ${cidr.text}, but its owner sent the last request from ${inWords(addresses)}`),
  ];
}

/** `198.51.1.2/32 tcp 22-22` */
export const describeRule = ({ protocol, fromPort, toPort, cidr }: Rule): string =>
  `${cidr.text} ${protocol} ${fromPort ?? 'any'}-${toPort ?? 'any'}`;

const inWords = (items: readonly string[]): string => [...items].sort().join(' and ') || 'no address';
