import * as v from 'valibot';
import * as schemas from './resource-schemas.ts';
import type { Template } from './template.ts';

export interface TaskRole {
  readonly name: string;
  readonly id: string;
  readonly policies: readonly unknown[];
}

/** Reads the roles of tasks. The emulated AWS checks the permissions of tasks alone. */
export function taskRoles(template: Template): TaskRole[] {
  const arns = template
    .resources('AWS::ECS::TaskDefinition')
    .map(({ properties }) => v.parse(schemas.taskDefinition, properties).TaskRoleArn);
  const attached = template.resources('AWS::IAM::Policy').map(({ properties }) => v.parse(schemas.policy, properties));
  return template
    .resources('AWS::IAM::Role')
    .filter(({ logicalId }) => arns.includes(template.attribute(logicalId, 'Arn')))
    .map(({ logicalId, ref, properties }) => {
      const { Policies, ManagedPolicyArns } = v.parse(schemas.role, properties);
      if (ManagedPolicyArns.length > 0) {
        throw new Error(
          `The task role ${logicalId} has managed policies, which the local run does not know. Put its permissions into policies of the stack.`,
        );
      }
      const policies = [...Policies, ...attached.filter(({ Roles }) => Roles.includes(ref))];
      return {
        name: ref,
        id: template.attribute(logicalId, 'RoleId'),
        policies: policies.map(({ PolicyDocument }) => PolicyDocument),
      };
    });
}
