import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { openApi } from '../../bin/openapi.ts';
import {
  AwsUnavailable,
  Conflict,
  Forbidden,
  InvalidRequest,
  NotBuilt,
  NotFound,
  StartFailed,
  TargetFailed,
  TooManySessions,
  Unauthenticated,
} from '../../lambdas/core/session/errors.ts';
import { parsePublicKey } from '../../lambdas/core/start/public-key.ts';
import { parseTtl } from '../../lambdas/http/people/ttl.ts';
import { httpHandler, json, type Reply, stillStarting } from '../../lambdas/http/replies.ts';
import { parseStart, parseStop } from '../../lambdas/http/webhooks/dialects.ts';
import { isValid } from '../support/json-schema.ts';

const file = join(import.meta.dirname, '../../docs/openapi.json');

const parameter = v.object({
  name: v.string(),
  schema: v.object({ pattern: v.optional(v.string()), maxLength: v.optional(v.number()) }),
});
const startOperation = v.object({
  parameters: v.array(parameter),
  requestBody: v.object({ content: v.object({ 'text/plain': v.object({ example: v.string() }) }) }),
});
const document = v.object({ paths: v.object({ '/': v.object({ post: startOperation }) }) });

const webhookOperation = v.object({
  post: v.object({
    requestBody: v.object({ content: v.object({ 'application/json': v.object({ schema: v.looseObject({}) }) }) }),
  }),
});
const webhooks = v.parse(
  v.object({ paths: v.object({ '/start': webhookOperation, '/stop': webhookOperation }) }),
  openApi(),
).paths;
const responses = v.record(v.string(), v.object({ headers: v.record(v.string(), v.unknown()) }));
const operations = v.parse(
  v.object({ paths: v.record(v.string(), v.record(v.string(), v.object({ responses }))) }),
  openApi(),
);

const { parameters, requestBody } = v.parse(document, openApi()).paths['/'].post;

describe('docs/openapi.json', () => {
  it('is what npm run openapi writes', async () => {
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(openApi())));
  });

  it('has a key for an example that the service accepts', () => {
    const { example } = requestBody.content['text/plain'];
    expect(parsePublicKey(example)).toContain('ssh-ed25519 ');
  });

  it('allows every ttl that the service understands, and no other', () => {
    const ttl = parameters.find(({ name }) => name === 'ttl')?.schema;
    const isAllowed = (text: string) =>
      new RegExp(ttl?.pattern ?? '').test(text) && text.length <= (ttl?.maxLength ?? 0);
    const isUnderstood = (text: string) => {
      try {
        return parseTtl(text, Number.MAX_SAFE_INTEGER) > 0;
      } catch {
        return false;
      }
    };
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 8 });
    const text = fc.tuple(digits, fc.constantFrom('m', 'h', 'd', '')).map((parts) => parts.join(''));
    fc.assert(fc.property(text, (value) => isAllowed(value) === isUnderstood(value)));
    expect([isAllowed('90m'), isAllowed('0h')]).toEqual([true, false]);
  });

  const value = fc.constantFrom(
    'x',
    'x',
    'https://x.example/y',
    'https://x.example/\u0001',
    '',
    '\u0085',
    'y'.repeat(2049),
    5,
  );
  const bodies = (...names: readonly string[]) =>
    fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] });
  const fields = ['activationId', 'activationRegion', 'activationCode', 'orgId', 'orgProvider'];

  it.each([
    ['/start', parseStart, bodies(...fields, 'activationToken', 'environmentId', 'serviceUrl')],
    ['/stop', parseStop, bodies('containerId', 'uniqueId')],
  ] as const)('allows the bodies of POST %s that the service understands, and no other', (path, parse, body) => {
    const schema = webhooks[path].post.requestBody.content['application/json'].schema;
    const isUnderstood = (given: object) => {
      try {
        parse(JSON.stringify(given));
        return true;
      } catch {
        return false;
      }
    };
    let understood = 0;
    const check = fc.property(body, (given) => {
      understood += isUnderstood(given) ? 1 : 0;
      expect([given, isValid(schema, given)]).toEqual([given, isUnderstood(given)]);
    });
    fc.assert(check, { numRuns: 5000 });
    expect(understood).toBeGreaterThan(20);
  });

  const errors: readonly Error[] = [
    new InvalidRequest(''),
    new Unauthenticated(''),
    new Forbidden(''),
    new NotFound(''),
    new Conflict(''),
    new TooManySessions(''),
    new TargetFailed(''),
    new NotBuilt(''),
    new StartFailed(''),
    new AwsUnavailable(''),
    new Error('none of ours'),
  ];

  it.each(errors)('names the headers of the reply to %o', async (error) => {
    const { statusCode, headers } = await replyTo(Promise.reject(error));
    expect(namesOf(headers)).toEqual(documented(statusCode));
  });

  it('names the headers of a result, and of one that comes too early', async () => {
    expect(namesOf((await replyTo(Promise.resolve(json(200, {})))).headers)).toEqual(documented(200));
    expect(namesOf((await replyTo(Promise.resolve(json(202, {}, stillStarting)))).headers)).toEqual(documented(202));
  });
});

/** The reply of a handler whose use case ends so. */
function replyTo(answer: Promise<Reply>): Promise<Reply> {
  const log = { info: () => {}, error: () => {} };
  const http = { method: 'POST', sourceIp: '192.0.2.1' };
  const requestContext = { requestId: 'one', timeEpoch: 0, http };
  return httpHandler(
    { log },
    () => answer,
  )({ routeKey: 'POST /', headers: {}, isBase64Encoded: false, requestContext });
}

const namesOf = (headers: object): string[] =>
  Object.keys(headers)
    .filter((name) => name !== 'content-type')
    .sort();

/** The headers that the document names for a status, on the first route that has it. */
const documented = (status: number): string[] => {
  const operation = Object.values(operations.paths)
    .flatMap((path) => Object.values(path))
    .find(({ responses }) => `${status}` in responses);
  return Object.keys(operation?.responses[`${status}`]?.headers ?? {}).sort();
};
