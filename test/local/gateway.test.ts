import { type IncomingMessage, request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { InvocationResult } from '../../emulator/lambda/lambda.ts';
import type { ListeningServer } from '../../emulator/listen.ts';
import type { Stack } from '../../local/cloudformation/stack.ts';
import { serveGateway } from '../../local/gateway/gateway.ts';

const callerArn = 'arn:aws:iam::000000000000:user/john.doe';

const routes: Stack['routes'] = [
  { key: 'POST /', functionArn: 'start', authorizer: { kind: 'iam' } },
  { key: 'GET /health', functionArn: 'health' },
];

let server: ListeningServer | undefined;
afterEach(() => server?.close());

/** A gateway whose functions return their event, unless `reply` says otherwise. */
async function gateway(
  options: { reply?: InvocationResult; stack?: Pick<Stack, 'routes' | 'throttle'> | undefined } = {},
) {
  const stack = 'stack' in options ? options.stack : { routes, throttle: { rateLimit: 10, burstLimit: 20 } };
  const listening = await serveGateway({
    port: 0,
    accountId: '000000000000',
    callerArn,
    stack: () => stack,
    invoke: async (_, event) =>
      options.reply ?? { payload: JSON.stringify({ statusCode: 200, body: JSON.stringify(event) }) },
  });
  server = listening;
  return listening.url;
}

describe('a request', () => {
  it('reaches its function in payload format 2.0', async () => {
    const url = await gateway();
    const response = await fetch(`${url}/?user=a&user=b&ttl=1h`, {
      method: 'POST',
      body: '{"publicKey":"x"}',
      headers: { 'content-type': 'application/json', 'X-Custom': 'Yes', cookie: 'a=1; b=2' },
    });
    expect(await response.json()).toMatchObject({
      version: '2.0',
      routeKey: 'POST /',
      rawPath: '/',
      rawQueryString: 'user=a&user=b&ttl=1h',
      cookies: ['a=1', 'b=2'],
      headers: { 'content-type': 'application/json', 'x-custom': 'Yes' },
      queryStringParameters: { user: 'a,b', ttl: '1h' },
      requestContext: {
        http: { method: 'POST', path: '/', sourceIp: '127.0.0.1' },
        authorizer: { iam: { userArn: callerArn } },
        requestId: expect.any(String),
      },
      body: '{"publicKey":"x"}',
      isBase64Encoded: false,
    });
  });

  it.each(['//', '//sessions', '//x:99999/', '//['])('to %s reaches no function', async (path) => {
    const { port } = new URL(await gateway());
    for (const method of ['GET', 'POST', 'DELETE']) {
      const { statusCode } = await new Promise<IncomingMessage>((resolve, reject) => {
        request({ port, method, path }, resolve).once('error', reject).end();
      });
      expect({ method, statusCode }).toEqual({ method, statusCode: 404 });
    }
  });

  it('has an encoded body when its type is not text', async () => {
    const url = await gateway();
    const response = await fetch(`${url}/`, { method: 'POST', body: new URLSearchParams({ a: '1' }) });
    expect(await response.json()).toMatchObject({ body: Buffer.from('a=1').toString('base64'), isBase64Encoded: true });
  });

  it.each([
    [{ body: '127.0.0.1\n' }, '127.0.0.1\n'],
    [{ body: Buffer.from('ü\n').toString('base64'), isBase64Encoded: true }, 'ü\n'],
    [{}, ''],
  ])('gets the body of its function unchanged: %j', async (reply, expected) => {
    const url = await gateway({ reply: { payload: JSON.stringify({ statusCode: 200, ...reply }) } });
    expect(await (await fetch(`${url}/`, { method: 'POST' })).text()).toBe(expected);
  });

  it('carries no identity on an open route, and no forged one on any', async () => {
    const url = await gateway();
    const response = await fetch(`${url}/health`, { headers: { 'x-forwarded-for': '1.2.3.4' } });
    const { requestContext } = JSON.parse(await response.text());
    expect(requestContext).not.toHaveProperty('authorizer');
    expect(requestContext.http.sourceIp).toBe('127.0.0.1');
  });
});

describe('the gateway itself', () => {
  const answer = async (url: string, path = '/', method = 'POST') => {
    const response = await fetch(url + path, { method });
    return { status: response.status, ...JSON.parse(await response.text()) };
  };

  it('answers 404 for an unknown route', async () => {
    const url = await gateway();
    expect(await answer(url, '/nothing')).toEqual({ status: 404, message: 'Not Found' });
    expect(await answer(url, '/', 'PUT')).toEqual({ status: 404, message: 'Not Found' });
  });

  it('answers 500 when a function fails, 503 when one times out, and 503 until there is a stack', async () => {
    const failed = (errorType: string): InvocationResult => ({
      functionError: 'Unhandled',
      payload: JSON.stringify({ errorType, errorMessage: 'secret' }),
    });
    expect(await answer(await gateway({ reply: failed('TypeError') }))).toEqual({
      status: 500,
      message: 'Internal Server Error',
    });
    await server?.close();
    expect(await answer(await gateway({ reply: failed('Sandbox.Timedout') }))).toEqual({
      status: 503,
      message: 'Service Unavailable',
    });
    await server?.close();
    expect(await answer(await gateway({ stack: undefined }))).toEqual({ status: 503, message: 'Service Unavailable' });
  });

  it('answers 429 beyond the throttle of the route', async () => {
    const url = await gateway({ stack: { routes, throttle: { rateLimit: 0.001, burstLimit: 2 } } });
    const statuses = [];
    for (let n = 0; n < 3; n++) statuses.push((await fetch(`${url}/`, { method: 'POST' })).status);
    statuses.push((await fetch(`${url}/health`)).status);
    expect(statuses).toEqual([200, 200, 429, 200]);
  });
});
