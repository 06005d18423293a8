import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';

const root = join(import.meta.dirname, '../..');
const cdkJson = v.object({ context: v.record(v.string(), v.unknown()) });

/** Feature flag of CDK's own checks of the template, which take seconds. They are for who deploys, and `cdk synth` makes them. */
export const unchecked = { '@aws-cdk/core:validateAgainstDefaultRules': false };

/**
 * Synthesizes the stack into `outdir`, as `cdk synth` does but without the CLI: the app reads its context and its output
 * folder from two variables. Throws with the app's own message when a setting is wrong.
 */
export async function synthesize(context: Readonly<Record<string, string>>, outdir: string): Promise<void> {
  const file = v.parse(cdkJson, JSON.parse(await readFile(join(root, 'cdk.json'), 'utf8')));
  const withPaths = { 'aws:cdk:enable-path-metadata': true };
  const env = {
    ...process.env,
    CDK_OUTDIR: outdir,
    CDK_CONTEXT_JSON: JSON.stringify({ ...file.context, ...unchecked, ...withPaths, ...context }),
  };
  try {
    await promisify(execFile)(process.execPath, [join(root, 'bin/app.ts')], { env, cwd: root });
  } catch (error) {
    const told = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new Error(`The stack could not be synthesized: ${firstSentence(told)}`, { cause: error });
  }
}

/** The message of an uncaught error, without Node's source excerpt and stack. */
function firstSentence(stderr: string): string {
  const message = /^\w*Error: ([\s\S]*?)\n\s+at /m.exec(stderr)?.[1];
  return message ?? stderr.trim();
}
