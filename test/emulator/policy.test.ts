/** Holds the emulated policies to a simulator of IAM that others wrote. */
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { describe, expect, test } from 'vitest';
import { type AccessRequest, allows, parsePolicy } from '../../emulator/iam/policy.ts';

const accountId = '123456789012';
const tableArn = `arn:aws:dynamodb:us-east-1:${accountId}:table/handoff`;
const userId = 'AROAEXAMPLE:0123456789abcdef0123456789abcdef';
// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of IAM's policy language
const userIdVariable = '${aws:userid}';

const ownItem = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [userIdVariable] } };
const someItem = { Null: { 'dynamodb:LeadingKeys': 'false' } };
const policyWith = (statement: object = {}) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: ['dynamodb:GetItem', 'dynamodb:DeleteItem'],
      Resource: tableArn,
      Condition: { ...ownItem, ...someItem },
      ...statement,
    },
  ],
});

const policies = {
  'the whole condition': policyWith(),
  'one action': policyWith({ Action: 'dynamodb:GetItem' }),
  'no Null': policyWith({ Condition: ownItem }),
  'Null alone': policyWith({ Condition: someItem }),
  'no condition': policyWith({ Condition: {} }),
  'a fixed key': policyWith({
    Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['fixed', userIdVariable] } },
  }),
};
const requests: Record<string, Partial<AccessRequest>> = {
  'its own item': {},
  'the deletion of its own item': { action: 'dynamodb:DeleteItem' },
  'a write of its own item': { action: 'dynamodb:PutItem' },
  "another task's item": { leadingKeys: ['AROAEXAMPLE:ffffffffffffffffffffffffffffffff'] },
  'its own and another': { leadingKeys: [userId, 'other'] },
  'the variable itself': { leadingKeys: [userIdVariable] },
  'no item': { leadingKeys: [] },
  'a fixed key': { leadingKeys: ['fixed'] },
  'another table': { resource: `${tableArn}-2` },
};
const cases = Object.entries(policies).flatMap(([policyName, policy]) =>
  Object.entries(requests).map(([requestName, request]) => [policyName, requestName, policy, request] as const),
);

test.each(cases)('a policy with %s decides as IAM does about %s', async (_, __, policy, difference) => {
  const request = { action: 'dynamodb:GetItem', resource: tableArn, leadingKeys: [userId], userId, ...difference };
  const { action, resource, leadingKeys } = request;
  const simulation = await runSimulation(
    {
      request: {
        principal: `arn:aws:sts::${accountId}:assumed-role/handoff/${userId.split(':')[1]}`,
        action,
        resource: { resource, accountId },
        contextVariables: {
          'aws:userid': userId,
          ...(leadingKeys.length > 0 && { 'dynamodb:LeadingKeys': [...leadingKeys] }),
        },
      },
      identityPolicies: [{ name: 'policy', policy }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (simulation.resultType === 'error') throw new Error(JSON.stringify(simulation.errors));
  expect(allows(parsePolicy('The role', policy), request)).toBe(simulation.overallResult === 'Allowed');
});

describe('a policy that is not emulated', () => {
  test.each<[string, object]>([
    ['denies', { Effect: 'Deny' }],
    ['allows another action', { Action: 'dynamodb:Scan' }],
    ['allows everything', { Action: '*' }],
    ['names more than one table', { Resource: '*' }],
    ['names an index', { Resource: `${tableArn}/index/*` }],
    ['has another operator', { Condition: { StringLike: { 'dynamodb:LeadingKeys': 'a*' } } }],
    ['has another key', { Condition: { Null: { 'aws:SourceVpc': 'false' } } }],
    ['requires that there is no key', { Condition: { Null: { 'dynamodb:LeadingKeys': 'true' } } }],
    [
      'has another variable',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of IAM's policy language
      { Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': '${aws:username}' } } },
    ],
    ['excludes an action', { NotAction: 'dynamodb:Scan' }],
  ])('is refused with the name of its owner: it %s', (_, statement) => {
    expect(() => parsePolicy('The role agent', policyWith(statement))).toThrow(
      `The role agent has a policy that is not emulated, at Statement.0.`,
    );
  });
});
