import { expect, test } from 'vitest';
import { differences } from './compare.ts';

test.each([
  ['a missing property', { Timeout: 3 }, {}, ['Timeout']],
  ['another value', { Timeout: 3 }, { Timeout: 4 }, ['Timeout']],
  ['a value inside', { Target: { RetryPolicy: { Attempts: 2 } } }, { Target: {} }, ['Target.RetryPolicy']],
  ['a shorter list', { Ids: ['a', 'b'] }, { Ids: ['a'] }, ['Ids']],
  ['a longer list', { Ids: ['a'] }, { Ids: ['a', 'b'] }, ['Ids']],
  ['a variable too many', { Variables: { A: '1' } }, { Variables: { A: '1', B: '2' } }, ['Variables']],
  [
    'a statement too many',
    { PolicyDocument: { Statement: [{ Effect: 'Deny' }] } },
    { PolicyDocument: { Statement: [{ Effect: 'Deny' }, { Effect: 'Allow' }] } },
    ['PolicyDocument'],
  ],
  ['another tag', { Tags: [{ Key: 'Name', Value: 'a' }] }, { Tags: [{ Key: 'Name', Value: 'b' }] }, ['Tags']],
])('%s is a difference', (_, expected, actual, paths) => {
  expect(differences(expected, actual)).toEqual(paths);
});

test.each([
  ['a default of the service', { Timeout: 3 }, { Timeout: 3, MemorySize: 128 }],
  ['a number that the template writes as text', { Cpu: '256' }, { Cpu: 256 }],
  [
    'a tag of CloudFormation',
    { Tags: [{ Key: 'a', Value: 'b' }] },
    {
      Tags: [
        { Key: 'c', Value: 'd' },
        { Key: 'a', Value: 'b' },
      ],
    },
  ],
  ['a list of one action', { PolicyDocument: { Action: ['a'] } }, { PolicyDocument: { Action: 'a' } }],
])('%s is no difference', (_, expected, actual) => {
  expect(differences(expected, actual)).toEqual([]);
});
