import { beforeAll, describe, expect, inject, it } from 'vitest';
import { rolesAllowing } from './attack-setup.ts';
import { attacksOn } from './attacks.ts';
import { type Grant, type Role, readTemplate, rolesOf } from './roles.ts';
import { exceptionFor, exceptions } from './unused.ts';
import { recordUsage, type Usage } from './usage.ts';

/** The stack has a pool, which most scenarios leave empty. The scenarios use every grant. A world at random adds calls that no scenario makes; `npm run test:privileges` has more. */
const worlds = 1;

describe('the roles of the functions and tasks', () => {
  let usage: Usage;
  beforeAll(async () => {
    usage = await recordUsage(inject('pooledAssembly'), worlds);
  });

  it('allow every call', () => {
    expect(usage.requests).toBeGreaterThan(usage.calls.size);
    expect(usage.denied).toEqual([]);
  });

  it('have only grants that are used or have a reason', () => {
    const unused = [...usage.calls].filter(([grant, calls]) => calls === 0 && !exceptionFor(grant));
    expect(unused.map(([{ role, action, resource }]) => `${role} ${action} on ${resource}`)).toEqual([]);
  });

  it('have no reason for a grant that is used or does not exist', () => {
    const needed = [...usage.calls].filter(([, calls]) => calls === 0).map(([grant]) => exceptionFor(grant));
    expect(exceptions.filter((exception) => !needed.includes(exception))).toEqual([]);
  });
});

describe('the roles of a stack without a pool', () => {
  it('have no grant that the same stack with a pool lacks', () => {
    const linesOf = (assembly: string) =>
      rolesOf(readTemplate(assembly)).flatMap(({ grants }) => grants.map((grant) => JSON.stringify(grant)));
    const pooled = linesOf(inject('pooledAssembly'));
    const plain = linesOf(inject('assembly'));
    expect(plain.filter((line) => !pooled.includes(line))).toEqual([]);
    expect(pooled.length).toBeGreaterThan(plain.length);
  });
});

describe('an attack', () => {
  it('succeeds only for the roles whose task it is', async () => {
    const template = readTemplate(inject('pooledAssembly'));
    const roles = rolesOf(template);
    const attacks = attacksOn(template);
    expect(new Set(attacks.map(({ name }) => name)).size).toBe(attacks.length);
    const results: Record<string, readonly string[]> = {};
    for (const attack of attacks) results[attack.name] = await rolesAllowing(roles, attack);
    expect(results).toEqual(Object.fromEntries(attacks.map(({ name, allowed = [] }) => [name, [...allowed].sort()])));
  });

  it('succeeds if any condition is missing, except three that another part of the policy repeats', async () => {
    const template = readTemplate(inject('pooledAssembly'));
    const attacks = attacksOn(template);
    const needless = new Set<string>();
    for (const role of rolesOf(template)) {
      for (const { action, key, without } of conditionsOf(role)) {
        const denied = attacks.filter(
          ({ requests, allowed = [] }) =>
            !allowed.includes(role.name) && requests.some((request) => request.action === action),
        );
        const succeeding = await Promise.all(
          denied.map(async (attack) => (await rolesAllowing([without], attack)).length > 0),
        );
        if (!succeeding.includes(true)) needless.add(`${action} if ${key}`);
      }
    }
    expect([...needless].sort()).toEqual([
      'ecs:DescribeTasks if ecs:cluster', // so does the task's ARN
      'ecs:RunTask if ecs:cluster', // a task must be tagged, and only those of our cluster can be
      'ecs:StopTask if ecs:cluster', // as for DescribeTasks
    ]);
  });

  it('on IAM can at most pass a role to a task', async () => {
    const grants = rolesOf(readTemplate(inject('pooledAssembly'))).flatMap((role) => role.grants);
    const actions = grants.map(({ action }) => action).filter((action) => /^(iam|sts):/.test(action));
    expect(new Set(actions)).toEqual(new Set(['iam:PassRole']));
  });
});

/** Each condition of a role's grants, with the role as it is without that condition. */
function conditionsOf(role: Role) {
  const terms = role.grants.flatMap(({ action, conditions }) =>
    Object.entries(conditions).flatMap(([operator, keys]) =>
      Object.keys(keys).map((key) => ({ action, operator, key })),
    ),
  );
  return terms.map(({ action, operator, key }) => {
    const drop = (grant: Grant): Grant => {
      const { [operator]: keys = {}, ...others } = grant.conditions;
      const left = Object.entries(keys).filter(([name]) => name !== key);
      return {
        ...grant,
        conditions: left.length === 0 ? others : { ...others, [operator]: Object.fromEntries(left) },
      };
    };
    const grants = role.grants.map((grant) => (grant.action === action ? drop(grant) : grant));
    return { action, key: operator === 'Null' ? `${key} Null` : key, without: { ...role, grants } };
  });
}
