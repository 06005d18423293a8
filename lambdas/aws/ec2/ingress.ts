/** Ingress rules between EC2's form and ours. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html */
import type { IpPermission } from '@aws-sdk/client-ec2';
import type { IngressRule } from '../../core/session/ports.ts';

export function permission({ protocol, fromPort, toPort, cidr }: IngressRule): IpPermission {
  const range = cidr.includes(':') ? { Ipv6Ranges: [{ CidrIpv6: cidr }] } : { IpRanges: [{ CidrIp: cidr }] };
  return { IpProtocol: protocol, FromPort: fromPort, ToPort: toPort, ...range };
}

/** The rules in a permission: one per address range, so that each can be revoked alone. */
export function rulesIn({ IpRanges = [], Ipv6Ranges = [], IpProtocol, FromPort, ToPort }: IpPermission): IngressRule[] {
  const cidrs = [...IpRanges.map(({ CidrIp }) => CidrIp), ...Ipv6Ranges.map(({ CidrIpv6 }) => CidrIpv6)];
  return cidrs.flatMap((cidr) => (cidr ? [{ protocol: IpProtocol, fromPort: FromPort, toPort: ToPort, cidr }] : []));
}
