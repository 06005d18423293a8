import { CustomResource, Duration } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

export interface DrainProps {
  readonly fn: lambda.Function;
  /** What sessions live in, and what it takes to remove them. */
  readonly needed: readonly Construct[];
  /** Where sessions come from, and who else would look after them. */
  readonly closedFirst: readonly Construct[];
}

/**
 * Stands for "no session is left". CloudFormation deletes in the order of dependencies, from the last to the first: the API and
 * the schedules, then this, which waits until every session has been removed, and only then what the sessions lived in.
 * Otherwise a live bastion would keep the cluster and the VPC from being deleted.
 */
export class Drain extends Construct {
  constructor(scope: Construct, id: string, { fn, needed, closedFirst }: DrainProps) {
    super(scope, id);
    const drained = new CustomResource(this, 'Drained', {
      resourceType: 'Custom::Drained',
      serviceToken: fn.functionArn,
      // The function answers within half an hour. This is for the case that it can't answer at all.
      // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html
      serviceTimeout: Duration.minutes(40),
    });
    drained.node.addDependency(...needed);
    for (const construct of closedFirst) construct.node.addDependency(drained);
  }
}
