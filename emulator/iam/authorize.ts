import * as v from 'valibot';
import { arn, type Context } from '../context.ts';
import type { DynamoDb } from '../dynamodb/dynamodb.ts';
import type { Ec2 } from '../ec2/ec2.ts';
import { formServices } from '../protocols/query.ts';
import { AwsError, type Call } from '../wire.ts';
import { allows } from './policy.ts';
import type { Principal } from './principal.ts';

const itemRequest = v.object({
  TableName: v.string(),
  Key: v.record(v.string(), v.record(v.string(), v.string())),
});

interface Resources {
  readonly dynamodb: DynamoDb;
  readonly ec2: Ec2;
}

/** Throws IAM's refusal, an AwsError, unless the caller's permissions allow the call. */
export function authorize(context: Context, { dynamodb, ec2 }: Resources, principal: Principal, call: Call): void {
  const { statements, userId, isJudgedByTags = false } = principal;
  // GetCallerIdentity needs no permission. https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
  if (call.action === 'GetCallerIdentity') return;
  const action = `${call.service}:${call.action}`;
  if (statements === undefined) {
    if (isJudgedByTags && changesUnknownGroup(ec2, call)) throw denied(principal, action);
    return;
  }
  const { resource, leadingKeys } = accessRequestOf(context, dynamodb, call);
  if (!allows(statements, { action, resource, leadingKeys, userId })) throw denied(principal, action, resource);
}

function denied({ arn: caller }: Principal, action: string, resource = '*'): AwsError {
  const refusal =
    `User: ${caller} is not authorized to perform: ${action} on resource: ${resource} ` +
    `because no identity-based policy allows the ${action} action`;
  const [service = ''] = action.split(':');
  if (service === 'ec2') return new AwsError('UnauthorizedOperation', refusal, 403);
  return formServices.includes(service)
    ? new AwsError('AccessDenied', refusal, 403)
    : new AwsError('AccessDeniedException', refusal);
}

const groupRequest = v.object({ GroupId: v.string() });
const groupChanges = ['AuthorizeSecurityGroupIngress', 'RevokeSecurityGroupIngress', 'DeleteSecurityGroup'];

/**
 * Says whether the call changes a group that does not exist or is not visible yet. EC2 checks permissions before it looks for
 * the resource, and a missing resource has no tags. EC2 therefore denies a permission that depends on tags, and hides that the
 * resource is missing. It does so for instances (https://github.com/aws/karpenter-provider-aws/issues/2100). This account assumes
 * the same for groups.
 */
function changesUnknownGroup(ec2: Ec2, { action, input }: Call): boolean {
  const parsed = groupChanges.includes(action) ? v.safeParse(groupRequest, input) : undefined;
  return parsed?.success === true && !ec2.groups.all().some(({ id }) => id === parsed.output.GroupId);
}

/** Returns the part of the call that policies see. Policies can allow only items of tables. Any other call is about `*`. */
function accessRequestOf(context: Context, dynamodb: DynamoDb, { service, input }: Call) {
  const parsed = service === 'dynamodb' ? v.safeParse(itemRequest, input) : undefined;
  if (!parsed?.success) return { resource: '*', leadingKeys: [] };
  const { TableName, Key } = parsed.output;
  const attribute = Key[dynamodb.partitionKeyOf(TableName) ?? ''] ?? {};
  return { resource: arn(context, 'dynamodb', `table/${TableName}`), leadingKeys: Object.values(attribute) };
}
