import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { agentKinds } from '../../contracts/agent.ts';
import { type Resources, synthesize } from './synthesize.ts';

let resources: Resources;
let dependencies: (logicalId: string) => ReadonlySet<string>;

beforeAll(async () => {
  const synthesis = await synthesize({ agents: agentKinds.join(',') });
  ({ resources } = synthesis);
  dependencies = dependenciesIn(v.parse(templateSchema, synthesis.template.toJSON()).Resources);
});

const templateSchema = v.object({ Resources: v.record(v.string(), v.looseObject({})) });

/** The resources that CloudFormation creates before a resource, and therefore deletes after it. */
function dependenciesIn(template: Readonly<Record<string, object>>) {
  const cache = new Map<string, ReadonlySet<string>>();
  return function of(logicalId: string): ReadonlySet<string> {
    const before = cache.get(logicalId);
    if (before) return before;
    const all = new Set<string>();
    cache.set(logicalId, all);
    for (const direct of namesIn(template[logicalId], template)) {
      all.add(direct);
      for (const further of of(direct)) all.add(further);
    }
    return all;
  };
}

/** The names in `DependsOn`, `Ref` and `Fn::GetAtt` of a resource. The template has no `Fn::Sub` on resources. */
function namesIn(value: unknown, template: Readonly<Record<string, object>>): string[] {
  if (!(value instanceof Object)) return [];
  return Object.entries(value).flatMap(([key, part]) => {
    if (key !== 'DependsOn' && key !== 'Ref' && key !== 'Fn::GetAtt') return namesIn(part, template);
    return [part].flat().filter((name) => Object.hasOwn(template, name));
  });
}

const idsOf = (type: RegExp) => Object.keys(resources).filter((id) => type.test(resources[id]?.Type ?? ''));
const drained = () => idsOf(/^Custom::Drained$/)[0] ?? '';

describe('when CloudFormation deletes the stack', () => {
  it.each([/^AWS::ApiGatewayV2::/, /^AWS::Scheduler::Schedule$/, /^AWS::Events::Rule$/])(
    '%s goes before the drain, so that no session starts after it',
    (type) => {
      expect(idsOf(type).length).toBeGreaterThan(0);
      for (const id of idsOf(type)) expect([...dependencies(id)], id).toContain(drained());
    },
  );

  it.each([/^AWS::DynamoDB::Table$/, /^AWS::ECS::/, /^AWS::EC2::/])(
    '%s goes after the drain, because sessions live in it',
    (type) => {
      expect(idsOf(type).length).toBeGreaterThan(0);
      expect([...dependencies(drained())]).toEqual(expect.arrayContaining(idsOf(type)));
    },
  );

  it('the agents’ roles and logs, and the drain’s own function, go after the drain', () => {
    const own = Object.keys(resources).filter((id) => /^(FunctionsDrain|Agents|Handoff)/.test(id));
    expect(own.length).toBeGreaterThan(20);
    expect([...dependencies(drained())]).toEqual(expect.arrayContaining(own));
  });

  it('no resource depends on itself', () => {
    for (const id of Object.keys(resources)) expect([...dependencies(id)], id).not.toContain(id);
  });

  it('CloudFormation waits for the drain until its longest work is over', () => {
    expect(resources[drained()]?.Properties).toMatchObject({ ServiceTimeout: '2400' });
  });

  it('the drain has the id of the first release, because an update to another id would drain a stack that goes on', () => {
    expect(drained()).toBe('DrainDrainedEAB0C077');
  });
});
