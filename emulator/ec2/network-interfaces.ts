import { type Context, ec2Id } from '../context.ts';
import { hex } from '../random.ts';
import { AwsError } from '../wire.ts';
import type { Network, Subnet } from './network.ts';

/** The network interface of one task. */
export interface NetworkInterface {
  readonly id: string;
  readonly subnet: Subnet;
  readonly groupIds: readonly string[];
  readonly description: string;
  readonly macAddress: string;
  readonly privateIp: string;
  readonly attachmentId: string;
  /** The public address, or undefined until one is associated. */
  publicIp: string | undefined;
}

/** The interfaces that ECS makes for its tasks. The account has only these. */
export class NetworkInterfaces {
  readonly #context: Context;
  readonly #network: Network;
  readonly #interfaces = new Map<string, NetworkInterface>();

  constructor(context: Context, network: Network) {
    this.#context = context;
    this.#network = network;
  }

  /** Makes an interface with the next private address of its subnet. */
  create(request: { subnet: Subnet; groupIds: readonly string[]; description: string }): NetworkInterface {
    const mac = hex(this.#context.random, 10).match(/../g) ?? [];
    const networkInterface = {
      ...request,
      id: ec2Id(this.#context, 'eni'),
      macAddress: ['0e', ...mac].join(':'),
      privateIp: this.#network.nextPrivateIp(request.subnet),
      attachmentId: ec2Id(this.#context, 'eni-attach'),
      publicIp: undefined,
    };
    this.#interfaces.set(networkInterface.id, networkInterface);
    return networkInterface;
  }

  /** Deletes an interface, if it exists. */
  remove(id: string): void {
    this.#interfaces.delete(id);
  }

  /** Returns every interface. */
  all(): readonly NetworkInterface[] {
    return [...this.#interfaces.values()];
  }

  /** Says whether an interface has this security group. */
  isGroupInUse(groupId: string): boolean {
    return this.all().some(({ groupIds }) => groupIds.includes(groupId));
  }

  /** Returns the interface as EC2 shows it. @param groupName returns the name of a security group */
  describe(networkInterface: NetworkInterface, groupName: (id: string) => string): object {
    const { id, subnet, groupIds, description, macAddress, privateIp, publicIp, attachmentId } = networkInterface;
    const association = publicIp === undefined ? undefined : { publicIp, publicDnsName: '', ipOwnerId: 'amazon' };
    return {
      networkInterfaceId: id,
      subnetId: subnet.subnetId,
      vpcId: subnet.vpcId,
      availabilityZone: subnet.availabilityZone,
      description,
      ownerId: this.#context.accountId,
      requesterManaged: true,
      status: 'in-use',
      macAddress,
      privateIpAddress: privateIp,
      sourceDestCheck: true,
      groupSet: groupIds.map((groupId) => ({ groupId, groupName: groupName(groupId) })),
      attachment: { attachmentId, deviceIndex: 1, status: 'attached', deleteOnTermination: false },
      association,
      tagSet: [],
      privateIpAddressesSet: [{ privateIpAddress: privateIp, primary: true, association }],
      ipv6AddressesSet: [],
      interfaceType: 'interface',
    };
  }
}

/** Makes EC2's refusal of an unknown interface. */
export function interfaceNotFound(id: string): AwsError {
  return new AwsError('InvalidNetworkInterfaceID.NotFound', `The networkInterface ID '${id}' does not exist`);
}
