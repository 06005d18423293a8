import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Resources, synthesize } from './synthesize.ts';

let resources: Resources;
let dependencies: (logicalId: string) => ReadonlySet<string>;

beforeAll(async () => {
  const made = await synthesize({ agents: 'ssh,ssm,bzero-ssm,bzero' });
  ({ resources } = made);
  dependencies = dependenciesIn(v.parse(templateSchema, made.template.toJSON()).Resources);
});

const templateSchema = v.object({ Resources: v.record(v.string(), v.looseObject({})) });

/** All that CloudFormation makes before a resource, and therefore deletes only after it. */
function dependenciesIn(template: Readonly<Record<string, object>>) {
  const known = new Map<string, ReadonlySet<string>>();
  return function of(logicalId: string): ReadonlySet<string> {
    const before = known.get(logicalId);
    if (before) return before;
    const all = new Set<string>();
    known.set(logicalId, all);
    for (const direct of namesIn(template[logicalId], template)) {
      all.add(direct);
      for (const further of of(direct)) all.add(further);
    }
    return all;
  };
}

/** What a resource names in `DependsOn`, and in `Ref` and `Fn::GetAtt` wherever they stand; `Fn::Sub` on resources is not used. */
function namesIn(value: unknown, template: Readonly<Record<string, object>>): string[] {
  if (!(value instanceof Object)) return [];
  return Object.entries(value).flatMap(([key, part]) => {
    if (key !== 'DependsOn' && key !== 'Ref' && key !== 'Fn::GetAtt') return namesIn(part, template);
    return [part].flat().filter((name) => Object.hasOwn(template, name));
  });
}

const idsOf = (type: RegExp) => Object.keys(resources).filter((id) => type.test(resources[id]?.Type ?? ''));
const drained = () => idsOf(/^Custom::Drained$/)[0] ?? '';

describe('when the stack is destroyed', () => {
  it.each([/^AWS::ApiGatewayV2::/, /^AWS::Scheduler::Schedule$/, /^AWS::Events::Rule$/])(
    '%s goes before the drain, so that no session comes after it',
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

  it('the agents’ roles and logs, and all that the drain itself runs with, go after it', () => {
    const own = Object.keys(resources).filter((id) => /^(FunctionsDrain|Agents|Handoff)/.test(id));
    expect(own.length).toBeGreaterThan(20);
    expect([...dependencies(drained())]).toEqual(expect.arrayContaining(own));
  });

  it('nothing waits for itself', () => {
    for (const id of Object.keys(resources)) expect([...dependencies(id)], id).not.toContain(id);
  });

  it('CloudFormation waits longer for the drain than the drain for anything', () => {
    expect(resources[drained()]?.Properties).toMatchObject({ ServiceTimeout: '2400' });
  });

  it('the resource is the one it has always been: under another id an update would drain a stack that goes on', () => {
    expect(drained()).toBe('DrainDrainedEAB0C077');
  });
});
