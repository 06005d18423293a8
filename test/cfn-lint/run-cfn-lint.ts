/**
 * `npm run test:cfn-lint` has cfn-lint (https://github.com/aws-cloudformation/cfn-lint) read the templates of several settings. It
 * holds them to CloudFormation's own schemas of resources, and to rules that AWS has put down beside them. It fails at a finding.
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesize } from '../../local/cloudformation/synthesize.ts';
import { installed, NoPython, type PythonPackage, versionOf } from '../support/python.ts';

const cfnLint: PythonPackage = {
  name: 'cfn-lint',
  requirements: join(import.meta.dirname, 'cfn-lint-requirements.txt'),
  module: 'cfnlint',
};

const signIn = {
  oidcIssuer: 'https://id.example.com',
  oidcClientId: 'bastions',
  oidcDomains: 'example.com',
  ciIssuer: 'https://token.actions.githubusercontent.com',
  ciAudience: 'bastions-ci',
  ciRepositories: 'example/*',
};

/** The settings whose templates are read, by name. */
const settings: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  default: {},
  'every agent': { agents: 'ssh,ssm,bzero' },
  'a pool': { poolSize: '1' },
  'sign-in': signIn,
};

/** The rules that are not followed, each with the reason. */
const ignoredRules: Readonly<Record<string, string>> = {
  W3005: 'CDK writes the dependencies of a role and of its policy on each user of the role. One of them is implied.',
};

try {
  process.exitCode = await lint(installed(cfnLint));
} catch (error) {
  if (!(error instanceof NoPython)) throw error;
  console.log(`Skipped: ${error.message}`);
}

async function lint(bin: string): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'cfn-lint-'));
  try {
    const outputs = Object.entries(settings).map(([name, context]) => ({ name, context, outdir: join(folder, name) }));
    for (const { context, outdir } of outputs) await synthesize(context, outdir);
    const templates = outputs.map(({ outdir }) => join(outdir, 'Bastions.template.json'));
    const ignored = Object.keys(ignoredRules).flatMap((rule) => ['--ignore-checks', rule]);
    const { status, error } = spawnSync(
      join(bin, 'cfn-lint'),
      ['--format', 'parseable', ...ignored, '--', ...templates],
      {
        stdio: 'inherit',
      },
    );
    if (error !== undefined) throw error;
    const names = outputs.map(({ name }) => name).join(', ');
    console.log(
      `cfn-lint ${versionOf(cfnLint)} over the templates with ${names}: ${status === 0 ? 'no finding' : 'see above'}.`,
    );
    return status ?? 1;
  } finally {
    await rm(folder, { recursive: true });
  }
}
