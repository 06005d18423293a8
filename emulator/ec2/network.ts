import { AwsError } from '../wire.ts';
import { addressAt, parseCidr } from './cidr.ts';

/** A VPC, with its block of IPv4 addresses. */
export interface Vpc {
  readonly vpcId: string;
  readonly cidrBlock: string;
}

/** A subnet of a VPC in one availability zone. */
export interface Subnet {
  readonly subnetId: string;
  readonly vpcId: string;
  readonly cidrBlock: string;
  readonly availabilityZone: string;
}

/** The VPCs and subnets of the account. */
export class Network {
  readonly vpcs = new Map<string, Vpc>();
  readonly subnets = new Map<string, Subnet>();
  readonly #addressCounts = new Map<string, number>();

  /** Finds a VPC. Throws the AwsError `InvalidVpcID.NotFound`. */
  vpc(id: string): Vpc {
    const vpc = this.vpcs.get(id);
    if (vpc === undefined) throw vpcNotFound(id);
    return vpc;
  }

  /** Finds a subnet. Throws the AwsError `InvalidSubnetID.NotFound`. */
  subnet(id: string): Subnet {
    const subnet = this.subnets.get(id);
    if (subnet === undefined) throw subnetNotFound(id);
    return subnet;
  }

  /** Returns the next private address of the subnet, from the fifth on: AWS keeps the first four and the last for itself. */
  nextPrivateIp({ subnetId, cidrBlock }: Subnet): string {
    const cidr = parseCidr(cidrBlock);
    if (cidr === undefined) {
      throw new Error(`Subnet ${subnetId} has the cidrBlock "${cidrBlock}", expected one such as 10.0.0.0/24.`);
    }
    const count = this.#addressCounts.get(subnetId) ?? 0;
    this.#addressCounts.set(subnetId, count + 1);
    const usable = 2 ** (32 - cidr.prefixLength) - 5;
    return addressAt(cidr, 4 + (count % usable));
  }
}

/** Makes EC2's refusal of an unknown VPC. */
export function vpcNotFound(id: string): AwsError {
  return new AwsError('InvalidVpcID.NotFound', `The vpc ID '${id}' does not exist`);
}

/** Makes EC2's refusal of an unknown subnet. */
export function subnetNotFound(id: string): AwsError {
  return new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`);
}
