import { Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { tags } from '../../contracts/account.ts';

/** One statement for a role, and, when one of its resources has a `*`, the reason why it cannot be narrower. */
export interface Permission extends Required<Pick<iam.PolicyStatementProps, 'actions' | 'resources'>> {
  readonly conditions?: Record<string, Record<string, string>>;
  readonly wildcard?: string;
}

/** What a person has tagged `bastion:keep` is out of reach, also for code that has not looked. */
export const notKept = { Null: { [`aws:ResourceTag/${tags.keep}`]: 'true' } };

/**
 * Only items whose partition key is such.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
export const keysThat = (operator: 'StringEquals' | 'StringLike', value: string) => ({
  [`ForAllValues:${operator}`]: { 'dynamodb:LeadingKeys': value },
  // ForAllValues also holds for a request without any key.
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
  Null: { 'dynamodb:LeadingKeys': 'false' },
});

/** Gives a function's role one permission, and tells cdk-nag why each `*` in it stands there. */
export function allow(grantee: iam.IGrantable, { wildcard, ...statement }: Permission): void {
  grantee.grantPrincipal.addToPrincipalPolicy(new iam.PolicyStatement(statement));
  if (wildcard !== undefined) acknowledgeWildcards(grantee, statement.resources, wildcard);
}

/** For statements that CDK itself adds to a role. */
export function acknowledgeWildcards(grantee: iam.IGrantable, resources: readonly string[], reason: string): void {
  const principal = grantee.grantPrincipal;
  if (!(principal instanceof iam.Role)) throw new Error(`Got ${String(principal)}, expected a role of this stack.`);
  Validations.of(principal).acknowledge(
    ...resources
      .map((resource) => flatten(Stack.of(principal).resolve(resource)))
      .filter((resource) => resource.includes('*'))
      .map((resource) => ({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason })),
  );
}

/** Writes a resolved ARN the way cdk-nag names it in its findings: `arn:<AWS::Partition>:…:<Cluster1234>/*`. */
function flatten(resolved: unknown): string {
  if (typeof resolved === 'string') return resolved;
  if (resolved instanceof Object) {
    if ('Ref' in resolved) return `<${resolved.Ref}>`;
    if ('Fn::GetAtt' in resolved && Array.isArray(resolved['Fn::GetAtt']))
      return `<${resolved['Fn::GetAtt'].join('.')}>`;
    const join = 'Fn::Join' in resolved ? resolved['Fn::Join'] : undefined;
    if (Array.isArray(join) && Array.isArray(join[1])) return join[1].map(flatten).join(String(join[0]));
  }
  throw new Error(
    `Got ${JSON.stringify(resolved)} as a resource, expected text with Ref, Fn::GetAtt and Fn::Join at most.`,
  );
}
