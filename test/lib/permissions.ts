/** Puts a template's IAM roles into sentences. */
import * as v from 'valibot';
import { oneOrMany } from '../../emulator/iam/policy.ts';
import { withoutHash } from '../least-privilege/roles.ts';
import type { Resources } from './synthesize.ts';

const statementSchema = v.strictObject({
  Effect: v.picklist(['Allow', 'Deny']),
  Action: oneOrMany(v.string()),
  Resource: v.optional(oneOrMany(v.union([v.string(), v.record(v.string(), v.unknown())])), []),
  Principal: v.optional(v.record(v.string(), v.string())),
  Condition: v.optional(v.record(v.string(), v.record(v.string(), v.unknown())), {}),
});
const documentSchema = v.object({ Statement: v.array(statementSchema), Version: v.literal('2012-10-17') });
const roleSchema = v.strictObject({
  AssumeRolePolicyDocument: documentSchema,
  Description: v.optional(v.string()),
});
const policySchema = v.strictObject({
  PolicyDocument: documentSchema,
  PolicyName: v.string(),
  Roles: v.array(v.object({ Ref: v.string() })),
});

/** Every role in the order of the template: its principals, and the actions, resources and conditions that it allows. */
export function permissionsInWords(resources: Resources): string {
  const ofType = (type: string) => Object.entries(resources).filter(([, resource]) => resource.Type === type);
  const policies = ofType('AWS::IAM::Policy').map(([, { Properties }]) => v.parse(policySchema, Properties));
  const roles = ofType('AWS::IAM::Role').map(([id, { Properties }]) => {
    const { AssumeRolePolicyDocument } = v.parse(roleSchema, Properties);
    const statements = policies
      .filter((policy) => policy.Roles.some(({ Ref }) => Ref === id))
      .flatMap((policy) => policy.PolicyDocument.Statement);
    return [
      withoutHash(id),
      ...AssumeRolePolicyDocument.Statement.map(
        ({ Principal, Condition }) =>
          `  is taken on by ${Object.values(Principal ?? {}).join(', ')}${conditionInWords(Condition)}`,
      ),
      ...(statements.length === 0 ? ['  may do nothing'] : statements.map(statementInWords)),
    ].join('\n');
  });
  return `${roles.join('\n\n')}\n`;
}

function statementInWords({ Effect, Action, Resource, Condition }: v.InferOutput<typeof statementSchema>): string {
  const verb = Effect === 'Allow' ? 'may' : 'must not';
  const things = Resource.map((resource) => inWords(resource)).join(', ');
  return `  ${verb} ${Action.join(', ')}\n    on ${things}${conditionInWords(Condition)}`;
}

function conditionInWords(condition: Record<string, Record<string, unknown>>): string {
  const tests = Object.entries(condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) => `${key} ${operator} ${inWords(value)}`),
  );
  return tests.length === 0 ? '' : `\n    only if ${tests.join('\n        and ')}`;
}

/** `arn:<partition>:ecs:<region>:<account>:task/…` says no more than `ecs task/…`. */
function inWords(value: unknown): string {
  return flatten(value).replace(/^arn:<AWS::Partition>:(\w+):(?:<AWS::Region>)?:<AWS::AccountId>:/, '$1 ');
}

function flatten(value: unknown): string {
  if (typeof value === 'string') return value;
  const known = v.parse(
    v.union([
      v.strictObject({ Ref: v.string() }),
      v.strictObject({ 'Fn::GetAtt': v.tuple([v.string(), v.string()]) }),
      v.strictObject({ 'Fn::Join': v.tuple([v.string(), v.array(v.unknown())]) }),
      v.strictObject({ 'Fn::Sub': v.string() }),
    ]),
    value,
  );
  if ('Ref' in known) return `<${withoutHash(known.Ref)}>`;
  if ('Fn::GetAtt' in known) return `<${withoutHash(known['Fn::GetAtt'][0])}>`;
  if ('Fn::Sub' in known) return known['Fn::Sub'].replaceAll('${', '<').replaceAll('}', '>');
  return known['Fn::Join'][1].map(flatten).join(known['Fn::Join'][0]);
}
