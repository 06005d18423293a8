import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';

const root = join(import.meta.dirname, '../..');
const cdkJson = v.object({ context: v.record(v.string(), v.unknown()) });

/**
 * Synthesizes the stack into `outdir`, as `cdk synth` does but without the CLI: the app reads its context and its output
 * folder from two variables. CDK's checks of the finished template take seconds; `cdk synth` makes them, and here they are off.
 * Throws the app's own sentences when a setting is wrong. `signal` ends the app.
 */
export async function synthesize(
  context: Readonly<Record<string, string>>,
  outdir: string,
  signal?: AbortSignal,
): Promise<void> {
  const file = v.parse(cdkJson, JSON.parse(await readFile(join(root, 'cdk.json'), 'utf8')));
  const withPaths = { 'aws:cdk:enable-path-metadata': true };
  const env = {
    ...process.env,
    CDK_OUTDIR: outdir,
    CDK_CONTEXT_JSON: JSON.stringify({ ...file.context, ...withPaths, ...context }),
    CDK_VALIDATION: 'false',
    NODE_COMPILE_CACHE: join(root, '.local/compile-cache'),
  };
  try {
    await promisify(execFile)(process.execPath, [join(root, 'bin/app.ts')], { env, cwd: root, signal });
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new Error(`The stack could not be synthesized: ${messageIn(stderr)}`, { cause: error });
  }
}

/** The message of an uncaught error without Node's source excerpt and stack, or else all of it. */
function messageIn(stderr: string): string {
  const message = /^\w*Error: ([\s\S]*?)\n\s+at /m.exec(stderr)?.[1];
  return message ?? stderr.trim();
}
