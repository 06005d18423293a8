/** Holds docs/settings.md to the settings. */
import { expect, it } from 'vitest';
import { settings } from '../../lib/settings/settings.ts';
import { textOf } from './documents.ts';

it('docs/settings.md lists every setting and no other, as lib/settings/settings.ts has them', async () => {
  const rows = (await textOf('docs/settings.md')).split('\n').filter((line) => line.startsWith('| `'));
  const expected = Object.entries(settings).map(([name, setting]) => {
    const typed = setting.default === '' ? '' : `\`${setting.default}\``;
    return `| \`${name}\` | ${typed} | ${setting.description} |`;
  });
  expect(rows).toEqual(expected);
});
