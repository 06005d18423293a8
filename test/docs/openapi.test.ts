import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openApi } from '../../bin/openapi.ts';

describe('docs/openapi.json', () => {
  it('is what npm run openapi writes', async () => {
    const text = await readFile(join(import.meta.dirname, '../../docs/openapi.json'), 'utf8');
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(openApi())));
  });
});
