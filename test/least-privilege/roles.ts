/** The template's roles, every grant of theirs by itself, and an IAM policy evaluator to put requests to them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import * as v from 'valibot';
import { oneOrMany } from '../../emulator/iam/policy.ts';
import { type Place, Template } from '../../local/cloudformation/template.ts';
import type { IamRequest } from './mapping.ts';

/** Where the in-process deployments of the tests are. */
export const place: Place = {
  region: 'us-east-1',
  accountId: '000000000000',
  stackName: 'Bastions',
  apiUrl: 'https://api.test',
};

/** One action on one resource: what a statement gives, taken apart. */
export interface Grant {
  readonly role: string;
  readonly action: string;
  readonly resource: string;
  /** As in the policy, by operator and key. */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface Role {
  /** Its logical id without the hash: `FunctionsStartRole`. */
  readonly name: string;
  readonly arn: string;
  /** `AROA…`, the first half of `aws:userid`. */
  readonly id: string;
  readonly grants: readonly Grant[];
}

/** Every statement allows something, and names its actions in full: nothing else is ever granted here. */
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

/** Whether all grants of the role together allow it. */
export const may = (asker: Role, request: IamRequest): Promise<boolean> => allowed(asker, asker.grants, request);

/** The grants of the role that allow it, each alone; none when it is denied. */
export async function grantsFor(asker: Role, request: IamRequest): Promise<Grant[]> {
  const grants = asker.grants.filter(({ action }) => action === request.action);
  const answers = await Promise.all(grants.map((grant) => allowed(asker, [grant], request)));
  return grants.filter((_, n) => answers[n]);
}

/** @throws Error when the action, the resource's type or a condition key is none that AWS knows for such a request. */
async function allowed(asker: Role, grants: readonly Grant[], request: IamRequest): Promise<boolean> {
  const { action, resource, context } = request;
  const Statement = grants.map((grant) => ({
    Effect: 'Allow',
    Action: grant.action,
    Resource: grant.resource,
    Condition: grant.conditions,
  }));
  const policies = Statement.length === 0 ? [] : [{ name: asker.name, policy: { Version: '2012-10-17', Statement } }];
  const answer = await runSimulation(
    {
      request: {
        principal: asker.arn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/').concat('/session'),
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
    throw new Error(`${action} on ${resource} can not be evaluated: ${JSON.stringify(answer.errors)}`);
  }
  const results = answer.resultType === 'single' ? [answer.result] : answer.results;
  const ignored = results.flatMap(({ ignoredContextKeys = [] }) => ignoredContextKeys);
  if (ignored.length > 0) throw new Error(`${action} on ${resource} knows no ${ignored.join(', ')}.`);
  return answer.overallResult === 'Allowed';
}

/** The task and the execution role of each task definition, all by ARN. */
export function rolesOfDefinitions(template: Template): ReadonlyMap<string, readonly string[]> {
  const schema = v.object({ TaskRoleArn: v.string(), ExecutionRoleArn: v.string() });
  return new Map(
    template.resources('AWS::ECS::TaskDefinition').map(({ ref, properties }) => {
      const { TaskRoleArn, ExecutionRoleArn } = v.parse(schema, properties);
      return [ref, [TaskRoleArn, ExecutionRoleArn]];
    }),
  );
}

/** A logical id as it stands in the code: without what CDK puts behind it. */
export const withoutHash = (logicalId: string): string => logicalId.replace(/[0-9A-F]{8}$/, '');
