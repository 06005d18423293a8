/** The template's roles, split into single grants, and an evaluator of IAM policies that says what a role may do. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import * as v from 'valibot';
import { oneOrMany } from '../../emulator/iam/policy.ts';
import { type Place, Template } from '../../local/cloudformation/template.ts';
import type { IamRequest } from './mapping.ts';

/** The account and region of the tests' deployments in process. */
export const place: Place = {
  region: 'us-east-1',
  accountId: '000000000000',
  stackName: 'Bastions',
  apiUrl: 'https://api.test',
};

/** One action on one resource. A statement of a policy consists of one or more grants. */
export interface Grant {
  readonly role: string;
  readonly action: string;
  readonly resource: string;
  /** The policy's conditions by operator and key. */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface Role {
  /** The logical id without its hash: `FunctionsStartRole`. */
  readonly name: string;
  readonly arn: string;
  /** `AROA…`, the first half of `aws:userid`. */
  readonly id: string;
  readonly grants: readonly Grant[];
}

/** A statement of this stack allows something, and names its actions in full. */
const statement = v.strictObject({
  Effect: v.literal('Allow'),
  Action: oneOrMany(v.pipe(v.string(), v.regex(/^[a-z0-9-]+:[A-Za-z]+$/, 'expected an action without wildcard'))),
  Resource: oneOrMany(v.string()),
  Condition: v.optional(v.record(v.string(), v.record(v.string(), v.unknown())), {}),
});
const document = v.object({ Statement: v.array(statement) });
const policy = v.object({ PolicyDocument: document, Roles: v.optional(v.array(v.string()), []) });
const role = v.object({ Policies: v.optional(v.array(policy), []) });

/** The template that was synthesized into `assembly`, as the emulated AWS deploys it. */
export function readTemplate(assembly: string, where: Place = place): Template {
  return new Template(JSON.parse(readFileSync(join(assembly, `${where.stackName}.template.json`), 'utf8')), where);
}

export function rolesOf(template: Template): Role[] {
  const attached = template.resources('AWS::IAM::Policy').map(({ properties }) => v.parse(policy, properties));
  return template.resources('AWS::IAM::Role').map(({ logicalId, ref, properties }) => {
    const name = withoutHash(logicalId);
    const policies = [...v.parse(role, properties).Policies, ...attached.filter(({ Roles }) => Roles.includes(ref))];
    const statements = policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    return {
      name,
      arn: template.attribute(logicalId, 'Arn'),
      id: template.attribute(logicalId, 'RoleId'),
      grants: statements.flatMap(({ Action, Resource, Condition: conditions }) =>
        Action.flatMap((action) => Resource.map((resource) => ({ role: name, action, resource, conditions }))),
      ),
    };
  });
}

/** Whether the role's grants allow the request. */
export const may = (role: Role, request: IamRequest): Promise<boolean> =>
  isAllowed(role, grantsOf(role, request), request);

/** The role's grants of which each alone allows the request. */
export async function grantsFor(role: Role, request: IamRequest): Promise<Grant[]> {
  const grants = grantsOf(role, request);
  const answers = await Promise.all(grants.map((grant) => isAllowed(role, [grant], request)));
  return grants.filter((_, n) => answers[n]);
}

/** The only grants that can allow the request: a grant of another action allows nothing here. */
const grantsOf = ({ grants }: Role, request: IamRequest): Grant[] =>
  grants.filter(({ action }) => action === request.action);

/** An evaluation takes about a millisecond, and many tests put the same request to the same grants. */
const evaluations = new Map<string, Promise<boolean>>();

function isAllowed(role: Role, grants: readonly Grant[], request: IamRequest): Promise<boolean> {
  // Without a grant the answer is the same for every role.
  const key = JSON.stringify([grants.length === 0 ? '' : role.arn, grants, request]);
  const evaluation = evaluations.get(key) ?? evaluate(role, grants, request);
  evaluations.set(key, evaluation);
  return evaluation;
}

/** Throws when AWS knows no such action, or no such resource type or condition key for it. */
async function evaluate(role: Role, grants: readonly Grant[], request: IamRequest): Promise<boolean> {
  const { action, resource, context } = request;
  const Statement = grants.map((grant) => ({
    Effect: 'Allow',
    Action: grant.action,
    Resource: grant.resource,
    Condition: grant.conditions,
  }));
  const policies = Statement.length === 0 ? [] : [{ name: role.name, policy: { Version: '2012-10-17', Statement } }];
  const answer = await runSimulation(
    {
      request: {
        principal: role.arn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/').concat('/session'),
        action,
        resource: { resource, accountId: place.accountId },
        contextVariables: { ...context },
      },
      identityPolicies: policies,
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (answer.resultType === 'error') {
    throw new Error(`Got ${action} on ${resource}, which can't be evaluated: ${JSON.stringify(answer.errors)}`);
  }
  const results = answer.resultType === 'single' ? [answer.result] : answer.results;
  const ignored = results.flatMap(({ ignoredContextKeys = [] }) => ignoredContextKeys);
  if (ignored.length > 0)
    throw new Error(`Got the condition keys ${ignored.join(', ')}, which ${action} on ${resource} does not know.`);
  return answer.overallResult === 'Allowed';
}

/** The ARN of each task definition to those of its task role and its execution role. */
export function rolesOfDefinitions(template: Template): ReadonlyMap<string, readonly string[]> {
  const schema = v.object({ TaskRoleArn: v.string(), ExecutionRoleArn: v.string() });
  return new Map(
    template.resources('AWS::ECS::TaskDefinition').map(({ ref, properties }) => {
      const { TaskRoleArn, ExecutionRoleArn } = v.parse(schema, properties);
      return [ref, [TaskRoleArn, ExecutionRoleArn]];
    }),
  );
}

/** A logical id without the hash that CDK appends. */
export const withoutHash = (logicalId: string): string => logicalId.replace(/[0-9A-F]{8}$/, '');
