/**
 * What AWS authorizes when an API is called: one or more IAM requests, each with the resource and the condition keys that the
 * Service Authorization Reference names for the action. An operation that is missing here is refused, so that none goes unseen.
 *
 * Of the condition keys only those are given that say what a call is about. A condition on another one does not hold here
 * (unless it asks for a key to be absent), as it should not until somebody has read what AWS puts there.
 */
import * as v from 'valibot';
import { dynamodbRequests } from './dynamodb-requests.ts';
import { ec2Requests } from './ec2-requests.ts';
import { ecsRequests } from './ecs-requests.ts';
import { type Account, arn, given, type IamRequest, type Mapping } from './mapping.ts';

// The services that are asked for one thing at a time:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html

const mappings: Readonly<Record<string, Mapping>> = {
  ...ec2Requests,
  ...ecsRequests,
  ...dynamodbRequests,
  'lambda Invoke': given(v.object({ FunctionName: v.string() }), ({ FunctionName }, account) => [
    { action: 'lambda:InvokeFunction', resource: functionArn(account, FunctionName), context: {} },
  ]),
  // A schedule invokes its target with its own role: https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html
  'scheduler Deliver': given(v.object({ functionName: v.string() }), ({ functionName }, account) => [
    { action: 'lambda:InvokeFunction', resource: functionArn(account, functionName), context: {} },
  ]),
  'ssm GetParameter': given(v.object({ Name: v.string() }), ({ Name }, account) => [
    { action: 'ssm:GetParameter', resource: arn(account, 'ssm', `parameter${Name}`), context: {} },
  ]),
  'secretsmanager GetSecretValue': given(v.object({ SecretId: v.string() }), ({ SecretId }) => [
    { action: 'secretsmanager:GetSecretValue', resource: SecretId, context: { 'secretsmanager:SecretId': SecretId } },
  ]),
  // No permission is needed: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
  'sts GetCallerIdentity': () => [],
};

const functionArn = (account: Account, name: string) =>
  name.startsWith('arn:') ? name : arn(account, 'lambda', `function:${name}`);

/** @throws Error when the operation is not known here, or its input is none that this project sends. */
export function requestsOf(
  { service, action, input }: { readonly service: string; readonly action: string; readonly input: unknown },
  account: Account,
): readonly IamRequest[] {
  const mapping = mappings[`${service} ${action}`];
  if (mapping === undefined) {
    throw new Error(
      `Got a call of ${service} ${action}, of which nobody has noted what AWS authorizes. Add it to ${import.meta.filename}.`,
    );
  }
  return mapping(input, account);
}
