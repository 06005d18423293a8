import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { openApi } from '../../bin/openapi.ts';
import { parsePublicKey } from '../../lambdas/core/start/public-key.ts';
import { parseTtl } from '../../lambdas/http/people/ttl.ts';

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
});
