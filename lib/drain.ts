import { CustomResource, Duration } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

export interface DrainProps {
  readonly fn: lambda.Function;
  /** CloudFormation deletes these after the drain: sessions live in them, and their removal needs them. */
  readonly deletedAfter: readonly Construct[];
  /** CloudFormation deletes these before the drain: they start and remove sessions. */
  readonly deletedBefore: readonly Construct[];
}

/**
 * A resource whose deletion ends every session. A live bastion would keep the cluster and the VPC from being deleted.
 *
 * CloudFormation deletes in the reverse order of dependencies:
 *
 * 1. the API and the triggers
 * 2. this resource, which waits until every session is removed
 * 3. the tables, the network and the cluster
 */
export class Drain extends Construct {
  constructor(scope: Construct, id: string, { fn, deletedAfter, deletedBefore }: DrainProps) {
    super(scope, id);
    const drained = new CustomResource(this, 'Drained', {
      resourceType: 'Custom::Drained',
      serviceToken: fn.functionArn,
      // The function answers within half an hour. This limit is for a function that can't answer at all.
      // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html
      serviceTimeout: Duration.minutes(40),
    });
    drained.node.addDependency(...deletedAfter);
    for (const construct of deletedBefore) construct.node.addDependency(drained);
  }
}
