import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { agentKinds } from '../../contracts/agent.ts';
import { permissionsInWords } from './permissions.ts';
import { type Resources, synthesize } from './synthesize.ts';

let resources: Resources;

beforeAll(async () => {
  ({ resources } = await synthesize());
});

describe('the permissions', () => {
  it('are those of the golden file, which a person has read (after a change: vitest -u, and read the difference)', async () => {
    await expect(permissionsInWords(resources)).toMatchFileSnapshot('../golden/permissions.txt');
  });

  it('come from no managed policy', () => {
    const roles = Object.values(resources).filter(({ Type }) => Type === 'AWS::IAM::Role');
    expect(roles.filter(({ Properties }) => 'ManagedPolicyArns' in Properties)).toEqual([]);
  });

  it('on every resource without a condition only read', () => {
    const sentences = permissionsInWords(resources).split(/\n {2}(?=may|must not|is taken on)/);
    const onEverything = sentences.filter(
      (sentence) => sentence.includes('\n    on *') && !sentence.includes('only if'),
    );
    expect(onEverything.length).toBeGreaterThan(0);
    for (const sentence of onEverything) {
      expect(sentence).toMatch(/^may (ecr:GetAuthorizationToken|ec2:Describe\w+(, ec2:Describe\w+)*)$/m);
    }
  });
});

const trust = v.object({
  AssumeRolePolicyDocument: v.object({
    Statement: v.array(v.object({ Principal: v.object({ Service: v.string() }), Condition: v.optional(v.unknown()) })),
  }),
});

describe('each role', () => {
  const forThisAccount = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };

  /** AWS documents no such condition for Lambda, which takes on roles of the function's own account alone. */
  const conditions: Readonly<Record<string, unknown>> = {
    'ecs-tasks.amazonaws.com': expect.objectContaining(forThisAccount),
    'scheduler.amazonaws.com': forThisAccount,
    'events.amazonaws.com': forThisAccount,
    'lambda.amazonaws.com': undefined,
  };

  it('is taken on by one service of AWS, for resources of this account', async () => {
    const all = await synthesize({ agents: agentKinds.join(','), eventEmail: 'team@example.com' });
    const roles = Object.entries(all.resources).filter(([, { Type }]) => Type === 'AWS::IAM::Role');
    expect(roles.length).toBeGreaterThan(15);
    for (const [id, { Properties }] of roles) {
      const statements = v.parse(trust, Properties).AssumeRolePolicyDocument.Statement;
      const [service = ''] = statements.map(({ Principal }) => Principal.Service);
      expect(Object.keys(conditions), id).toContain(service);
      expect(
        statements.map(({ Condition }) => Condition),
        id,
      ).toEqual([conditions[service]]);
    }
  });
});
