import { AwsClient } from 'aws4fetch';
import { describe, expect, it } from 'vitest';
import { signer } from '../../cli/api/signature.ts';

const now = new Date('2026-11-20T12:00:00.123Z');
const datetime = '20261120T120000Z';
const region = 'eu-west-1';
const long = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const temporary = { ...long, sessionToken: 'token/with+signs==' };

describe('a signature', () => {
  it.each([
    ['GET', '/', undefined, long],
    ['GET', '/?user=ann&wait=3', undefined, temporary],
    ['POST', '/?ttl=90m&user=a%40b%2Cc%2Bd%3De&wait=0', '{"publicKey":"ssh-ed25519 AAAA jürg"}', temporary],
    ['DELETE', '/stage/base%20path/?user=x', undefined, long],
    ['GET', "/sessions?limit=10&next=a.b~c_d-(e)*'!", undefined, long],
  ])('of %s %s is what aws4fetch makes of it', async (method, target, body, credentials) => {
    const url = new URL(`https://a1b2c3.execute-api.eu-west-1.amazonaws.com${target}`);
    const ours = signer(
      credentials,
      { region, service: 'execute-api' },
      () => now,
    )({ url, method, headers: {}, ...(body !== undefined && { body }) });
    const judge = new AwsClient({ ...credentials, region, service: 'execute-api' });
    const theirs = await judge.sign(url.href, { method, ...(body !== undefined && { body }), aws: { datetime } });
    expect(ours.headers.authorization).toBe(theirs.headers.get('authorization'));
    expect(ours.headers['x-amz-date']).toBe(datetime);
  });
});
