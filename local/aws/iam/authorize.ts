import * as v from 'valibot';
import type { DynamoDb } from '../dynamodb.ts';
import { AwsError, type Call } from '../wire.ts';
import { arn, type World } from '../world.ts';
import { allows } from './policy.ts';
import type { Principal } from './principal.ts';

const itemRequest = v.object({
  TableName: v.string(),
  Key: v.record(v.string(), v.record(v.string(), v.string())),
});

/** Throws AwsError unless the caller may make this call. */
export function authorize(world: World, dynamodb: DynamoDb, principal: Principal, call: Call): void {
  const { statements, userId } = principal;
  // https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html : needs no permission.
  if (statements === undefined || call.action === 'GetCallerIdentity') return;
  const action = `${call.service}:${call.action}`;
  const { resource, leadingKeys } = whatIsAskedFor(world, dynamodb, call);
  if (allows(statements, { action, resource, leadingKeys, userId })) return;
  const refusal =
    `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource} ` +
    `because no identity-based policy allows the ${action} action`;
  throw call.service === 'ec2'
    ? new AwsError('UnauthorizedOperation', refusal, 403)
    : new AwsError('AccessDeniedException', refusal);
}

/** As policies see it. Only items of tables can be allowed, so nothing more is known of any other call. */
function whatIsAskedFor(world: World, dynamodb: DynamoDb, { service, input }: Call) {
  const parsed = service === 'dynamodb' ? v.safeParse(itemRequest, input) : undefined;
  if (!parsed?.success) return { resource: '*', leadingKeys: [] };
  const { TableName, Key } = parsed.output;
  const attribute = Key[dynamodb.partitionKeyOf(TableName) ?? ''] ?? {};
  return { resource: arn(world, 'dynamodb', `table/${TableName}`), leadingKeys: Object.values(attribute) };
}
