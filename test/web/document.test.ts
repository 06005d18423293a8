import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { documentOf, headersOf, type PageParts } from '../../lambdas/http/web/document.ts';
import { bundles } from '../lib/synthesize.ts';

let parts: PageParts;

beforeAll(async () => {
  const read = (name: string) => readFile(join(bundles.web, name), 'utf8');
  parts = { script: await read('page.js'), style: await read('page.css') };
});

/** The directives of a policy by their names. */
function policyOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  const directives = (headers['content-security-policy'] ?? '')
    .split('; ')
    .map((directive) => directive.split(/ (.*)/, 2));
  return Object.fromEntries(directives);
}

const hashOf = (text = '') => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

describe('the page', () => {
  it('is allowed by its policy, and nothing else is', () => {
    const html = documentOf(parts);
    const [, style] = /<style>([\s\S]*?)<\/style>/.exec(html) ?? [];
    const [, script] = /<script type="module">([\s\S]*?)<\/script>/.exec(html) ?? [];
    expect(policyOf(headersOf(parts, []))).toEqual({
      'default-src': "'none'",
      'script-src': hashOf(script),
      'style-src': hashOf(style),
      'img-src': 'data:',
      'connect-src': "'self'",
      'base-uri': "'none'",
      'form-action': "'none'",
      'frame-ancestors': "'none'",
      'require-trusted-types-for': "'script'",
      'trusted-types': "'none'",
    });
  });

  it('may call the issuer’s origins, each named once', () => {
    const { 'connect-src': connect } = policyOf(headersOf(parts, ['https://id.example.com', 'https://id.example.com']));
    expect(connect).toBe("'self' https://id.example.com");
  });

  it('has one script and one style, and names no other file', () => {
    const html = documentOf(parts);
    expect(html.match(/<script|<style|<link/g)).toEqual(['<link', '<style', '<script']);
    expect(html.replace(parts.script, '').match(/(?:src|href)="(?!data:)/g)).toBeNull();
  });

  it('has at most 40 kB, compressed', () => {
    expect(gzipSync(documentOf(parts), { level: 9 }).length).toBeLessThanOrEqual(40_000);
  });
});
