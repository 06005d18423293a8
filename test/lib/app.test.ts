import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { synthesize as synthesizeInChild } from '../../local/cloudformation/synthesize.ts';
import { root } from './synthesize.ts';

let outdir: string;
beforeEach(async () => {
  outdir = await mkdtemp(join(tmpdir(), 'app-'));
});
afterEach(() => rm(outdir, { recursive: true }));

const sentences = [
  'setting agnets: got an unknown name, the nearest is agents (docs/settings.md lists all)',
  'setting cpu: got "300", expected a Fargate size: 256, 512, 1024, 2048, 4096, 8192 or 16384',
];

describe('the app', () => {
  it('ends with code 1 and a sentence per bad setting, and synthesizes no stack', async () => {
    const context = JSON.stringify({ agnets: 'ssh', cpu: '300' });
    const env = { ...process.env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: context };
    const run = promisify(execFile)(process.execPath, [join(root, 'bin/app.ts')], { env });
    await expect(run).rejects.toMatchObject({ code: 1, stdout: '', stderr: `${sentences.join('\n')}\n` });
    expect(await readdir(outdir)).toEqual([]);
  });

  it('gives the local run the same sentences', async () => {
    const synthesis = synthesizeInChild({ agnets: 'ssh', cpu: '300' }, outdir);
    await expect(synthesis).rejects.toThrow(new RegExp(`: ${sentences.join('\n').replaceAll(/[.()]/g, '\\$&')}$`));
  });
});
