/**
 * Maps an API call to the IAM requests that AWS authorizes for it. Each has the resource and the condition keys that the Service
 * Authorization Reference names for the action. An operation that is missing here throws, so that none goes unseen.
 *
 * Only the condition keys that describe the call's subject are set. A condition on another key does not hold here, unless it
 * requires the key's absence. Before you add a condition on such a key, read what AWS sets and map it.
 */
import * as v from 'valibot';
import { dynamodbRequests } from './dynamodb-requests.ts';
import { ec2Requests } from './ec2-requests.ts';
import { ecsRequests } from './ecs-requests.ts';
import { type Account, arn, type IamRequest, type Mapping, mapping } from './mapping.ts';

// In these services a call is about one resource:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html

const mappings: Readonly<Record<string, Mapping>> = {
  ...ec2Requests,
  ...ecsRequests,
  ...dynamodbRequests,
  'lambda Invoke': mapping(v.object({ FunctionName: v.string() }), ({ FunctionName }, account) => [
    { action: 'lambda:InvokeFunction', resource: functionArn(account, FunctionName), context: {} },
  ]),
  // A schedule invokes its target with its own role: https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html
  'scheduler Deliver': mapping(v.object({ functionName: v.string() }), ({ functionName }, account) => [
    { action: 'lambda:InvokeFunction', resource: functionArn(account, functionName), context: {} },
  ]),
  // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
  'events PutEvents': mapping(
    v.object({ Entries: v.array(v.object({ Source: v.string(), DetailType: v.string() })) }),
    ({ Entries }, account) =>
      Entries.map(({ Source, DetailType }) => ({
        action: 'events:PutEvents',
        resource: arn(account, 'events', 'event-bus/default'),
        context: { 'events:source': [Source], 'events:detail-type': DetailType },
      })),
  ),
  'ssm GetParameter': mapping(v.object({ Name: v.string() }), ({ Name }, account) => [
    { action: 'ssm:GetParameter', resource: arn(account, 'ssm', `parameter${Name}`), context: {} },
  ]),
  'secretsmanager GetSecretValue': mapping(v.object({ SecretId: v.string() }), ({ SecretId }) => [
    { action: 'secretsmanager:GetSecretValue', resource: SecretId, context: { 'secretsmanager:SecretId': SecretId } },
  ]),
  // No permission is needed: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
  'sts GetCallerIdentity': () => [],
};

const functionArn = (account: Account, name: string) =>
  name.startsWith('arn:') ? name : arn(account, 'lambda', `function:${name}`);

/** Throws for an operation without a mapping, and for an input that this project does not send. */
export function requestsOf(
  { service, action, input }: { readonly service: string; readonly action: string; readonly input: unknown },
  account: Account,
): readonly IamRequest[] {
  const mapInput = mappings[`${service} ${action}`];
  if (mapInput === undefined) {
    throw new Error(
      `Got a call of ${service} ${action}, expected an operation with a mapping to IAM requests. Add one to ${import.meta.filename}.`,
    );
  }
  return mapInput(input, account);
}
