/**
 * The names of EC2's filters by operation, as its pages list them. EC2 says of any other filter that it is invalid.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroups.html
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcs.html
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html
 */
export const filtersOfAws = {
  DescribeSecurityGroups: words(`
    description egress.ip-permission.cidr egress.ip-permission.from-port egress.ip-permission.group-id
    egress.ip-permission.group-name egress.ip-permission.ipv6-cidr egress.ip-permission.prefix-list-id
    egress.ip-permission.protocol egress.ip-permission.to-port egress.ip-permission.user-id group-id group-name
    ip-permission.cidr ip-permission.from-port ip-permission.group-id ip-permission.group-name
    ip-permission.ipv6-cidr ip-permission.prefix-list-id ip-permission.protocol ip-permission.to-port
    ip-permission.user-id owner-id tag-key vpc-id
  `),
  DescribeNetworkInterfaces: words(`
    addresses.association.owner-id addresses.association.public-ip addresses.primary addresses.private-ip-address
    association.allocation-id association.association-id association.ip-owner-id association.public-dns-name
    association.public-ip attachment.attach-time attachment.attachment-id attachment.delete-on-termination
    attachment.device-index attachment.instance-id attachment.instance-owner-id attachment.status availability-zone
    availability-zone-id description group-id interface-type ipv6-addresses.ipv6-address mac-address
    network-interface-id operator.managed operator.principal owner-id private-dns-name private-ip-address
    requester-id requester-managed source-dest-check status subnet-id tag-key vpc-id
  `),
  DescribeVpcs: words(`
    cidr cidr-block-association.association-id cidr-block-association.cidr-block cidr-block-association.state
    dhcp-options-id ipv6-cidr-block-association.association-id ipv6-cidr-block-association.ipv6-cidr-block
    ipv6-cidr-block-association.ipv6-pool ipv6-cidr-block-association.state is-default owner-id state tag-key vpc-id
  `),
  DescribeSubnets: words(`
    availability-zone availability-zone-id available-ip-address-count cidr-block customer-owned-ipv4-pool
    default-for-az enable-dns64 enable-lni-at-device-index ipv6-cidr-block-association.association-id
    ipv6-cidr-block-association.ipv6-cidr-block ipv6-cidr-block-association.state ipv6-native
    map-customer-owned-ip-on-launch map-public-ip-on-launch outpost-arn owner-id
    private-dns-name-options-on-launch.enable-resource-name-dns-a-record
    private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record
    private-dns-name-options-on-launch.hostname-type state subnet-arn subnet-id tag-key vpc-id
  `),
} as const;

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
