import type { Rule } from '../../emulator/ec2/rules.ts';
import { addressesOf } from './expectations.ts';
import type { Row } from './ledger.ts';
import type { Oracle } from './oracle.ts';

/** As the stack is synthesized: the default of its setting `sshPorts`. */
const sshPort = 22;

/**
 * What is wrong with whom a live session's group lets in: exactly the address of its row, for SSH and nothing else, and only from
 * where its owner asked last.
 */
export function wrongIngress(oracle: Oracle, row: Row): string[] {
  const group = oracle.aws.ec2.groups.all().find(({ tags }) => tags.get('bastion:session') === row.sessionId);
  const open = (group?.ingress ?? []).map(said);
  const wanted = row.allowedCidrs.map((cidr) => `${cidr} tcp ${sshPort}-${sshPort}`);
  const asked = addressesOf(oracle, row);
  const name = `the security group of ${row.sessionId}`;
  return [
    ...(listed(open) === listed(wanted) ? [] : [`${name} lets in ${listed(open)}, expected ${listed(wanted)}`]),
    ...(group?.ingress ?? [])
      .filter(({ cidr }) => !asked.includes(cidr.text))
      .map(({ cidr }) => `${name} lets in ${cidr.text}, but its owner asked last from ${listed(asked)}`),
  ];
}

/** An address with protocol and ports. */
export const said = ({ protocol, fromPort, toPort, cidr }: Rule): string =>
  `${cidr.text} ${protocol} ${fromPort ?? 'any'}-${toPort ?? 'any'}`;

const listed = (items: readonly string[]): string => [...items].sort().join(' and ') || 'nobody';
