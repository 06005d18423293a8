import { describe, expect, it } from 'vitest';
import { ofWholeItems, readUnitsOf } from '../../bench/read-units.ts';

/** An item of so many bytes. */
const sized = (bytes: number) => ({ pk: { S: 'x'.repeat(bytes - 2) } });
const read = (action: string, input: object, output: unknown) =>
  readUnitsOf({ service: 'dynamodb', action, input }, output);

describe('the read units of a call', () => {
  it.each([
    [4096, true, 1],
    [4097, true, 2],
    [4096, false, 0.5],
    [8193, false, 1.5],
  ])('of a GetItem of %i bytes, consistent %s, are %d', (bytes, ConsistentRead, expected) => {
    expect(read('GetItem', { ConsistentRead }, { Item: sized(bytes) })).toBe(expected);
  });

  it('are charged for an item that does not exist', () => {
    expect(read('GetItem', { ConsistentRead: true }, undefined)).toBe(1);
    expect(read('Query', {}, { Items: [] })).toBe(0.5);
  });

  it('of a query count the page as a whole', () => {
    expect(read('Query', {}, { Items: Array.from({ length: 10 }, () => sized(1000)) })).toBe(1.5);
  });

  it('of a batch count each item alone, and the missing ones, but not those left unprocessed', () => {
    const RequestItems = {
      sessions: { Keys: ['a', 'b', 'c', 'd', 'e'].map((S) => ({ pk: { S } })), ConsistentRead: true },
    };
    const Responses = { sessions: [sized(100), sized(5000)] };
    const UnprocessedKeys = { sessions: { Keys: [{ pk: { S: 'e' } }] } };
    expect(read('BatchGetItem', { RequestItems }, { Responses, UnprocessedKeys })).toBe(1 + 2 + 2 * 1);
  });

  it('of a write and of another service are none', () => {
    expect(read('PutItem', { Item: sized(9000) }, {})).toBe(0);
    expect(readUnitsOf({ service: 'ecs', action: 'Query', input: {} }, {})).toBe(0);
  });

  it('are those of whole items, also when a projection asks for a part of them', () => {
    const part = { ProjectionExpression: '#id', ExpressionAttributeNames: { '#id': 'id' } };
    const RequestItems = { handoffs: { Keys: [sized(9)], ...part } };
    expect(ofWholeItems({ service: 'dynamodb', action: 'BatchGetItem', input: { RequestItems } }).input).toEqual({
      RequestItems: { handoffs: { Keys: [sized(9)] } },
    });
    const get = { service: 'dynamodb', action: 'GetItem', input: { Key: sized(9), ConsistentRead: true } };
    expect(ofWholeItems({ ...get, input: { ...get.input, ...part } })).toEqual(get);
    expect(ofWholeItems(get)).toBe(get);
  });

  it('are unknown where the answer lacks a part of what was read', () => {
    expect(() => read('Query', { FilterExpression: '#a = :a' }, { Items: [] })).toThrow(
      /^Got a Query with FilterExpression, expected/,
    );
  });
});
