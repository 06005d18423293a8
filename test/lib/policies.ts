/** Puts questions to the policies that the template gives its roles, and has them answered as IAM would. */
import { runSimulation } from '@cloud-copilot/iam-simulate';
import * as v from 'valibot';
import type { Template } from '../../local/template.ts';
import { place } from './synthesize.ts';

const policySchema = v.object({ PolicyDocument: v.unknown(), Roles: v.array(v.string()) });

export interface Request {
  readonly action: string;
  readonly resource: string;
  /** Condition keys that AWS would find in the request. */
  readonly context?: Record<string, string | string[]>;
}

export function policiesOf(template: Template) {
  const policies = template.resources('AWS::IAM::Policy').map(({ logicalId, properties }) => {
    const { PolicyDocument, Roles } = v.parse(policySchema, properties);
    return { name: logicalId, policy: PolicyDocument, roles: Roles };
  });
  const roles = template.resources('AWS::IAM::Role').map(({ logicalId, ref }) => ({
    name: withoutHash(logicalId),
    ref,
    id: template.attribute(logicalId, 'RoleId'),
  }));

  /** The resource of a type, by its logical id without the hash. */
  const named = (type: string, name: string) => {
    const found = template.resources(type).find(({ logicalId }) => withoutHash(logicalId) === name);
    if (found === undefined) throw new Error(`Got a template without ${name}, expected it among its ${type}.`);
    return found;
  };

  async function may(roleName: string, { action, resource, context = {} }: Request): Promise<boolean> {
    const role = roles.find(({ name }) => name === roleName);
    if (role === undefined) throw new Error(`Got the role ${roleName}, expected one of the template.`);
    const answer = await runSimulation(
      {
        request: {
          principal: `arn:aws:sts::${place.accountId}:assumed-role/${role.ref}/session`,
          action,
          resource: { resource, accountId: place.accountId },
          contextVariables: context,
        },
        identityPolicies: policies.filter((policy) => policy.roles.includes(role.ref)),
        serviceControlPolicies: [],
        resourceControlPolicies: [],
      },
      {},
    );
    if (answer.resultType === 'error') throw new Error(`The simulation failed: ${JSON.stringify(answer.errors)}`);
    return answer.overallResult === 'Allowed';
  }

  return {
    roles,
    may,
    /** The names of all roles that may do it. */
    whoMay: async (request: Request): Promise<string[]> => {
      const answers = await Promise.all(roles.map(async ({ name }) => ((await may(name, request)) ? [name] : [])));
      return answers.flat();
    },
    refOf: (type: string, name: string) => named(type, name).ref,
    arnOf: (type: string, name: string) => template.attribute(named(type, name).logicalId, 'Arn'),
  };
}

const withoutHash = (logicalId: string): string => logicalId.replace(/[0-9A-F]{8}$/, '');
