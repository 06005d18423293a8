/** The licences of the libraries whose code the package's bundles hold. Each of them asks that its text goes along. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';

const lock = v.object({
  packages: v.record(
    v.string(),
    v.object({
      version: v.optional(v.string()),
      license: v.optional(v.string()),
      dev: v.optional(v.boolean(), false),
      devOptional: v.optional(v.boolean(), false),
    }),
  ),
});

/**
 * One section per text, under the names of the libraries that share it: everything that `dependencies` brings.
 * @throws Error when a library has no licence at all
 */
export async function thirdPartyNotices(root: string): Promise<string> {
  const { packages } = v.parse(lock, JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')));
  const namesByText = new Map<string, string[]>();
  for (const [path, { version, license, dev, devOptional }] of Object.entries(packages)) {
    if (path === '' || dev || devOptional) continue;
    const name = `${path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)} ${version ?? ''}`;
    const text = (await licenceText(join(root, path))) ?? (license && `License: ${license}`);
    if (text === undefined || text === '') {
      throw new Error(
        `${name}: got no licence in package-lock.json and no file of one, expected a library with a licence.`,
      );
    }
    namesByText.set(text, [...(namesByText.get(text) ?? []), name]);
  }
  const sections = [...namesByText].map(([text, names]) => `${names.sort().join('\n')}\n\n${text}\n`);
  return `The programs of this package hold code of these libraries.\n\n${sections.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

/** Undefined for a folder without such a file, or for an optional library that is not installed here. */
async function licenceText(folder: string): Promise<string | undefined> {
  const files = await readdir(folder).catch(() => []);
  const file = files.find((name) => /^(licen[cs]e|copying)/i.test(name));
  return file && (await readFile(join(folder, file), 'utf8')).replaceAll('\r\n', '\n').trim();
}
