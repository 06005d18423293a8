import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { ResolvedProps } from './settings/rules.ts';

/** The props that decide how long a record of access lives. */
export type RecordProps = Pick<ResolvedProps, 'logRetention' | 'deleteLogs'>;

/**
 * A log that tells who was let in. It outlives the stack, and its lines live as long as everywhere else, because an auditor may
 * ask after the stack is gone. Each deployment's log group has a name of its own, so that the next stack of this name can be made.
 * A deployment that fails and is rolled back leaves none.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
 *
 * @param logGroupName must hold the id of the stack. Without it CloudFormation generates one that is unique.
 */
export function accessRecord(
  scope: Construct,
  id: string,
  { logRetention, deleteLogs }: RecordProps,
  logGroupName?: string,
): LogGroup {
  return new LogGroup(scope, id, {
    ...(logGroupName !== undefined && { logGroupName }),
    retention: logRetention,
    removalPolicy: deleteLogs ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
}
