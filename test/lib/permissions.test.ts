import { beforeAll, describe, expect, it } from 'vitest';
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
