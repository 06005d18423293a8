import type { Context } from '../context.ts';
import { AwsError } from '../wire.ts';
import { parsePolicy, type Statement } from './policy.ts';

/** A role that tasks run as. */
export interface Role {
  readonly name: string;
  /** The role's id: `AROA…`. With the task's id it is the `aws:userid` of the task. */
  readonly id: string;
  /** The role's only permissions. */
  readonly statements: readonly Statement[];
}

/** The IAM of an account. */
export interface Iam {
  /** Makes a role exist. Throws if one of its policies is not emulated. */
  putRole(role: { readonly name: string; readonly id: string; readonly policies: readonly unknown[] }): void;
  /** Finds a role by its ARN. Throws RunTask's AwsError if the role does not exist. */
  taskRole(arn: string): Role;
}

/** Makes the part of IAM that is about the roles of tasks. Functions and other callers have no role here. */
export function createIam({ accountId }: Context): Iam {
  const roles = new Map<string, Role>();
  return {
    putRole({ name, id, policies }) {
      const statements = policies.flatMap((policy) => parsePolicy(`The role ${name}`, policy));
      roles.set(`arn:aws:iam::${accountId}:role/${name}`, { name, id, statements });
    },
    taskRole(arn) {
      const role = roles.get(arn);
      if (role !== undefined) return role;
      throw new AwsError(
        'ClientException',
        `ECS was unable to assume the role '${arn}' that was provided for this task. Please verify that the role being ` +
          'passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.',
      );
    },
  };
}
