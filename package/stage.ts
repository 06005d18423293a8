/** Fills the folder that becomes the package: nothing in it needs a build, TypeScript or another library than the CDK. */
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { entries } from '../contracts/stack.ts';
import { bundleFunctions } from '../lib/functions/bundle-functions.ts';
import { publishedManifest } from './manifest.ts';
import { thirdPartyNotices } from './notices.ts';
import { buildCommand, buildConstruct } from './programs.ts';
import { buildTypes } from './types.ts';

/** @param folder is emptied first */
export async function stage(root: string, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await Promise.all([
    writeFile(join(folder, 'package.json'), `${JSON.stringify(await publishedManifest(root), null, 2)}\n`),
    writeFile(join(folder, 'THIRD-PARTY-NOTICES.txt'), await thirdPartyNotices(root)),
    cp(join(root, 'package/README.md'), join(folder, 'README.md')),
    ...['LICENSE', 'CHANGELOG.md', 'agent-image'].map((path) =>
      cp(join(root, path), join(folder, path), { recursive: true }),
    ),
    buildCommand(root, folder),
    buildConstruct(root, join(folder, 'lib')),
    buildTypes(root, join(folder, 'types')),
    copyBundles(join(folder, 'functions')),
  ]);
}

/** The very bundles that a deployment from the checkout has, so that their hashes agree. */
async function copyBundles(folder: string): Promise<void> {
  const bundles = await bundleFunctions();
  await Promise.all(entries.map((entry) => cp(bundles[entry], join(folder, entry), { recursive: true })));
}
