import type { EmulatedAws } from '../../local/aws/aws.ts';
import type { Row } from './ledger.ts';

/** What is wrong with whom a live session's group lets in: exactly those of its row, and only from where its owner has asked. */
export function wrongIngress(aws: EmulatedAws, row: Row, asked: ReadonlySet<string | undefined>): string[] {
  const group = aws.ec2.groups.all().find(({ tags }) => tags.get('bastion:session') === row.sessionId);
  const open = group?.ingress.map(({ cidr }) => cidr.text) ?? [];
  const said = (cidrs: readonly string[]) => cidrs.join() || 'nobody';
  const name = `the security group of ${row.sessionId}`;
  return [
    ...(said(open) === said(row.allowedCidrs)
      ? []
      : [`${name} lets in ${said(open)}, expected ${said(row.allowedCidrs)}`]),
    ...open
      .filter((cidr) => !asked.has(cidr.replace('/32', '')))
      .map((cidr) => `${name} lets in ${cidr}, from where its owner never asked`),
  ];
}
