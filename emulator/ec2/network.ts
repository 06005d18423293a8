import { AwsError } from '../wire.ts';
import { addressAt, parseCidr } from './cidr.ts';

export interface Vpc {
  readonly vpcId: string;
  readonly cidrBlock: string;
}

export interface Subnet {
  readonly subnetId: string;
  readonly vpcId: string;
  readonly cidrBlock: string;
  readonly availabilityZone: string;
}

/** The VPCs and subnets that the emulated account has: those it was told about. */
export class Network {
  readonly vpcs = new Map<string, Vpc>();
  readonly subnets = new Map<string, Subnet>();
  readonly #addressesGiven = new Map<string, number>();

  vpc(id: string): Vpc {
    const vpc = this.vpcs.get(id);
    if (vpc === undefined) throw vpcNotFound(id);
    return vpc;
  }

  subnet(id: string): Subnet {
    const subnet = this.subnets.get(id);
    if (subnet === undefined) throw subnetNotFound(id);
    return subnet;
  }

  /** The next private address of the subnet; AWS keeps the first four of each for itself. */
  nextPrivateIp({ subnetId, cidrBlock }: Subnet): string {
    const cidr = parseCidr(cidrBlock);
    if (cidr === undefined) {
      throw new Error(`Subnet ${subnetId} was added with cidrBlock "${cidrBlock}"; expected one such as 10.0.0.0/24`);
    }
    const given = this.#addressesGiven.get(subnetId) ?? 0;
    this.#addressesGiven.set(subnetId, given + 1);
    const usable = 2 ** (32 - cidr.prefixLength) - 5;
    return addressAt(cidr, 4 + (given % usable));
  }
}

export function vpcNotFound(id: string): AwsError {
  return new AwsError('InvalidVpcID.NotFound', `The vpc ID '${id}' does not exist`);
}

export function subnetNotFound(id: string): AwsError {
  return new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`);
}
