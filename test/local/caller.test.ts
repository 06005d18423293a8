import { userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { callerArn } from '../../local/caller.ts';

describe('the caller of the local run', () => {
  it.each([
    ['john.doe', 'john.doe'],
    ['john@example.com', 'john@example.com'],
    ['CORP\\jürg', 'CORP_j_rg'],
    ['x'.repeat(80), 'x'.repeat(64)],
  ])('with the login %j is the IAM user %s', (login, user) => {
    expect(callerArn('123456789012', login)).toBe(`arn:aws:iam::123456789012:user/${user}`);
  });

  it('is the person who runs it', () => {
    expect(callerArn('123456789012')).toBe(callerArn('123456789012', userInfo().username));
  });
});
