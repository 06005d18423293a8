import type { Context } from '../context.ts';
import { AwsError } from '../wire.ts';
import { parsePolicy, type Statement } from './policy.ts';

/** A role that tasks run as. */
export interface Role {
  readonly name: string;
  /** `AROA…`: with the task's id it is the `aws:userid` of the task. */
  readonly id: string;
  /** What it may do; nothing else. */
  readonly statements: readonly Statement[];
}

export interface Iam {
  /** Makes a role exist. Throws when one of its policies says something that is not understood here. */
  putRole(role: { readonly name: string; readonly id: string; readonly policies: readonly unknown[] }): void;
  /** Throws AwsError when there is none, as RunTask does. */
  taskRole(arn: string): Role;
}

/** Roles of tasks. Everybody else may do everything here. */
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
