/** Bundles the page: its script and its style, each as one file beside the function that sends them. */
import { join } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { packageRoot } from '../package-root.ts';
import { buildOnce } from './build-once.ts';

/** Browsers that know Ed25519 in WebCrypto and the page's CSS, the oldest from 2024. */
const browsers = ['chrome123', 'firefox129', 'safari17.5'];

const forBrowsers = {
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: browsers,
  charset: 'utf8',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  logLevel: 'silent',
} satisfies BuildOptions;

/** Writes `web/page.js` and `web/page.css` into the folder of all bundles. */
export async function bundlePage(outdir: string): Promise<void> {
  const entryPoints = [
    { in: join(packageRoot, 'web/main.tsx'), out: 'web/page' },
    { in: join(packageRoot, 'web/style.css'), out: 'web/page' },
  ];
  await buildOnce(outdir, 'page-inputs.json', forBrowsers, { entryPoints, ...forBrowsers });
}
