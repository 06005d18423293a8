import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { errorBody } from '../../../contracts/api.ts';
import { AwsUnavailable, NotFound } from '../../../lambdas/core/session/errors.ts';
import type { Log } from '../../../lambdas/core/session/ports.ts';
import { httpHandler, json, text } from '../../../lambdas/http/replies.ts';

const event = {
  routeKey: 'GET /',
  headers: {},
  isBase64Encoded: false,
  requestContext: { requestId: 'request-1', timeEpoch: 0, http: { method: 'GET', sourceIp: '198.51.100.4' } },
};

const silent: Log = { info: () => {}, error: () => {} };

const replyTo = (error: unknown) =>
  httpHandler({ log: silent }, async () => {
    throw error;
  })(event);

describe('a reply', () => {
  it('in JSON ends with a newline', () => {
    expect(json(200, { a: 1 }).body).toBe('{"a":1}\n');
  });

  it('in text ends with a newline', () => {
    expect(text(200, '203.0.113.7').body).toBe('203.0.113.7\n');
  });

  it('without text is empty', () => {
    expect(text(202, '').body).toBe('');
  });
});

describe('an error reply', () => {
  it.each([
    [404, new NotFound('No bastion is live.')],
    [503, new AwsUnavailable('AWS could not run the task right now: no capacity')],
    [500, new Error('a secret')],
  ])('with status %i has the form of every error and ends with a newline', async (status, error) => {
    const { statusCode, headers, body } = await replyTo(error);
    expect({ statusCode, headers }).toMatchObject({ statusCode: status, headers: { 'x-request-id': 'request-1' } });
    expect(body.endsWith('}\n')).toBe(true);
    expect(v.is(v.strictObject(errorBody.entries), JSON.parse(body))).toBe(true);
  });

  it('holds no word of an unknown error', async () => {
    expect((await replyTo(new Error('a secret'))).body).not.toContain('a secret');
  });

  it('holds no ARN', async () => {
    const { body } = await replyTo(new AwsUnavailable('AWS could not: arn:aws:ecs:us-east-1:1:task/x is gone'));
    expect(JSON.parse(body)).toEqual({ ErrorMessage: 'AWS could not: (an AWS resource) is gone' });
  });
});
