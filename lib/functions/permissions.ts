import { Aws, Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { tags } from '../../contracts/account.ts';

/** One statement of a role's policy. */
export interface Permission extends Required<Pick<iam.PolicyStatementProps, 'actions' | 'resources'>> {
  readonly conditions?: Record<string, Record<string, string>>;
  /** The reason why a resource with a `*` cannot be narrower. */
  readonly wildcard?: string;
}

/** Excludes resources that a person has tagged `bastion:keep`, also for code that does not look at tags. */
export const notKept = { Null: { [`aws:ResourceTag/${tags.keep}`]: 'true' } };

/**
 * Includes only requests that set the tag `bastion:owner` and no other, on what carries this stack's tag.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
 */
export const ownerTagAlone = (scope: IConstruct) => ({
  StringEquals: { [`aws:ResourceTag/${tags.stack}`]: Stack.of(scope).stackName },
  'ForAllValues:StringEquals': { 'aws:TagKeys': tags.owner },
  Null: { 'aws:TagKeys': 'false' },
});

/**
 * Includes only items with such a partition key.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
export const keysThat = (operator: 'StringEquals' | 'StringLike', value: string) => ({
  [`ForAllValues:${operator}`]: { 'dynamodb:LeadingKeys': value },
  // ForAllValues holds for a request without any key too. Null excludes it.
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
  Null: { 'dynamodb:LeadingKeys': 'false' },
});

/**
 * A service of AWS that takes on a role for resources of this account alone, never for those of another customer.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html#cross-service-confused-deputy-prevention
 */
export const serviceOfThisAccount = (service: string): iam.PrincipalBase =>
  new iam.ServicePrincipal(service).withConditions({ StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } });

/** Gives a role one permission, and tells cdk-nag the reason of each `*` in it. */
export function allow(grantee: iam.IGrantable, { wildcard, ...statement }: Permission): void {
  grantee.grantPrincipal.addToPrincipalPolicy(new iam.PolicyStatement(statement));
  if (wildcard !== undefined) acknowledgeWildcards(grantee, statement.resources, wildcard);
}

/** Tells cdk-nag the reason of each `*` in statements that CDK itself adds to a role. */
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

/** Writes a resolved ARN as cdk-nag names it in its findings: `arn:<AWS::Partition>:…:<Cluster1234>/*`. */
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
