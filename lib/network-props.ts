import type { IVpc } from 'aws-cdk-lib/aws-ec2';

/** As much of an `IVpc` as bastions need. Under `exactOptionalPropertyTypes` TypeScript takes a `Vpc` for no `IVpc`. */
export type BastionsVpc = Pick<IVpc, 'node' | 'vpcId' | 'publicSubnets'>;

/** The props of `Bastions` that say where bastions run. */
export interface NetworkProps {
  /**
   * VPC that bastions run in, of this app or an imported one.
   *
   * Use the VPC of the hosts that you want to reach. The bastions take its public subnets, or those in `subnetIds`.
   *
   * @default - the VPC in `vpcId`
   */
  readonly vpc?: BastionsVpc;

  /**
   * Id of the VPC that bastions run in, also as a token, in place of `vpc`.
   *
   * Use the VPC of the hosts that you want to reach. Pass it on every deployment: without it CloudFormation moves the stack to
   * another VPC and closes every open session.
   *
   * @default - the stack makes a small VPC of its own, with two public subnets and no NAT gateway
   */
  readonly vpcId?: string;

  /**
   * Ids of at most 16 public subnets of the VPC, in different availability zones, also as tokens.
   *
   * Pass them if the deployment has no credentials at synthesis, if `vpcId` is a token, or if Fargate lacks the processor in one
   * of the zones.
   *
   * @default - the public subnets of `vpc`, or those of `vpcId`, which CDK looks up with the credentials of the deployment. Of more
   * than 16 it takes 16, from as many zones as there are.
   */
  readonly subnetIds?: readonly string[];
}
