/** The package.json of the published package, made from the checkout's own. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';

const ownManifest = v.object({
  name: v.string(),
  version: v.string(),
  description: v.string(),
  license: v.string(),
  engines: v.object({ node: v.string() }),
  devDependencies: v.object({ 'aws-cdk-lib': v.string() }),
});

const cdkManifest = v.object({ peerDependencies: v.object({ constructs: v.string() }) });

/**
 * Everything that the program and the construct need is bundled, so `dependencies` is missing. A person who uses the command alone
 * has no CDK, so both peers are optional.
 */
export async function publishedManifest(root: string) {
  const own = v.parse(ownManifest, JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  const cdk = v.parse(
    cdkManifest,
    JSON.parse(await readFile(join(root, 'node_modules/aws-cdk-lib/package.json'), 'utf8')),
  );
  const { name, version, description, license, engines } = own;
  return {
    name,
    version,
    description,
    keywords: ['aws', 'aws-cdk', 'bastion', 'cdk', 'fargate', 'ssh', 'tunnel'],
    license,
    type: 'module',
    bin: { bastion: 'bin/bastion.cjs' },
    exports: {
      '.': {
        import: { types: './types/lib/index.d.ts', default: './lib/index.js' },
        require: { types: './types/lib/index.d.cts', default: './lib/index.cjs' },
      },
      './package.json': './package.json',
    },
    files: ['agent-image', 'bin', 'cli', 'functions', 'lib', 'types', 'CHANGELOG.md', 'THIRD-PARTY-NOTICES.txt'],
    engines,
    peerDependencies: {
      'aws-cdk-lib': `^${own.devDependencies['aws-cdk-lib']}`,
      constructs: cdk.peerDependencies.constructs,
    },
    peerDependenciesMeta: { 'aws-cdk-lib': { optional: true }, constructs: { optional: true } },
  };
}
