import { beforeAll, describe, expect, inject, it } from 'vitest';
import { whoMay } from './attack-setup.ts';
import { attacksOn } from './attacks.ts';
import { type Grant, type Role, readTemplate, rolesOf } from './roles.ts';
import { exceptionFor, exceptions } from './unused.ts';
import { recordUsage, type Usage } from './usage.ts';

describe('of all that the functions and tasks do', () => {
  let usage: Usage;
  beforeAll(async () => {
    usage = await recordUsage(inject('assembly'));
  });

  it('every call is allowed', () => {
    expect(usage.requests).toBeGreaterThan(1000);
    expect(usage.denied).toEqual([]);
  });

  it('there is a use for every grant, or a reason', () => {
    const unused = [...usage.calls].filter(([grant, calls]) => calls === 0 && !exceptionFor(grant));
    expect(unused.map(([{ role, action, resource }]) => `${role} ${action} on ${resource}`)).toEqual([]);
  });

  it('no reason is given for what is used, or is not granted any more', () => {
    const unused = [...usage.calls].filter(([, calls]) => calls === 0).map(([grant]) => exceptionFor(grant));
    expect(exceptions.filter((exception) => !unused.includes(exception))).toEqual([]);
  });
});

describe('an attack', () => {
  it('succeeds for nobody but those whose work it is', async () => {
    const template = readTemplate(inject('assembly'));
    const roles = rolesOf(template);
    const attacks = attacksOn(template);
    expect(new Set(attacks.map(({ what }) => what)).size).toBe(attacks.length);
    const results: Record<string, readonly string[]> = {};
    for (const attack of attacks) results[attack.what] = await whoMay(roles, attack);
    expect(results).toEqual(Object.fromEntries(attacks.map(({ what, who = [] }) => [what, [...who].sort()])));
  });

  it('would succeed if any condition were missing, except where something else says the same', async () => {
    const template = readTemplate(inject('assembly'));
    const attacks = attacksOn(template);
    const needless = new Set<string>();
    for (const role of rolesOf(template)) {
      for (const { action, key, without } of conditionsOf(role)) {
        const denied = attacks.filter(
          ({ requests, who = [] }) => !who.includes(role.name) && requests.some((request) => request.action === action),
        );
        const succeeding = await Promise.all(
          denied.map(async (attack) => (await whoMay([without], attack)).length > 0),
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

  it('on IAM itself finds nothing but the passing of roles to tasks', async () => {
    const grants = rolesOf(readTemplate(inject('assembly'))).flatMap((role) => role.grants);
    const actions = grants.map(({ action }) => action).filter((action) => /^(iam|sts):/.test(action));
    expect(new Set(actions)).toEqual(new Set(['iam:PassRole']));
  });
});

/** Every condition on what a role may do, and the role as it would be without it. */
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
