import { describe, expect, it } from 'vitest';
import { queries } from '../../../contracts/api.ts';
import { pageRoutes, personRoutes, workloadRoutes } from '../../../contracts/sign-in.ts';
import { parseEvent } from '../../../lambdas/http/event.ts';
import { queryOf } from '../../../lambdas/http/query.ts';
import { deploy } from '../../support/deploy.ts';
import type { Request } from '../../support/deployment.ts';
import { publicKey } from '../../support/people.ts';
import { secretOf } from '../../support/secret.ts';
import { ann, deployJob } from '../../support/tokens.ts';

const position = (sessionId: string, createdAt: number) =>
  Buffer.from(JSON.stringify({ sessionId, createdAt })).toString('base64url');
const uuid = '00000000-0000-4000-8000-000000000001';

describe('a request', () => {
  it.each<[string, string, Request, RegExp]>([
    [
      'with an unknown parameter',
      'POST /',
      { query: { ttll: '2h' }, body: publicKey(1) },
      /got "ttll".* nearest is ttl\./,
    ],
    ['with a parameter of another route', 'GET /', { query: { limit: '2' } }, /got "limit", expected user/],
    ['with a parameter in another case', 'DELETE /', { query: { USER: 'ann' } }, /got "USER".* nearest is user\./],
    ...Object.values(personRoutes).map((key): [string, string, Request, RegExp] => [
      `with a token in the query of ${key}`,
      key,
      { claims: ann, query: { access_token: 'x' }, body: publicKey(1) },
      /got "access_token", expected user/,
    ]),
    ...Object.values(workloadRoutes).map((key): [string, string, Request, RegExp] => [
      `with an unknown parameter on ${key}`,
      key,
      { claims: deployJob, query: { limits: '2' }, body: publicKey(1) },
      /got "limits", expected /,
    ]),
    [
      'for the page’s configuration with a parameter',
      pageRoutes.config,
      { query: { x: '1' } },
      /expected no parameter/,
    ],
    ['for the health with a parameter', 'GET /health', { query: { x: '1' } }, /got "x", expected no parameter/],
    ['with a position beyond every number', 'GET /sessions', { query: { next: position(uuid, 2 ** 53) } }, /^next:/],
    ['with a position before every time', 'GET /sessions', { query: { next: position(uuid, -1) } }, /^next:/],
    ['with a position at no session', 'GET /sessions', { query: { next: position('x'.repeat(2048), 1) } }, /^next:/],
  ])('%s is refused', async (_, route, request, message) => {
    const bastions = await deploy();
    const { status, json } = await bastions.call(route, request);
    expect({ status, message: json.ErrorMessage }).toEqual({ status: 400, message: expect.stringMatching(message) });
    expect(await bastions.rows()).toEqual([]);
  });

  it('with a parameter twice is refused, because a value may hold the comma that joins them', () => {
    const event = parseEvent({
      routeKey: 'GET /',
      headers: {},
      rawQueryString: 'user=a&user=b',
      queryStringParameters: { user: 'a,b' },
      isBase64Encoded: false,
      requestContext: { requestId: 'r-1', timeEpoch: 0, http: { method: 'GET', sourceIp: '198.51.100.4' } },
    });
    expect(() => queryOf(event, queries.look)).toThrow('user: got it more than once, expected it once.');
  });

  it('to stop a target by an id of 2,048 characters is told that no target has it', async () => {
    const bastions = await deploy();
    const headers = { authorization: `Basic ${await secretOf(bastions)}` };
    const body = JSON.stringify({ uniqueId: 'x'.repeat(2048) });
    expect((await bastions.call('POST /stop', { headers, body })).status).toBe(404);
  });
});
