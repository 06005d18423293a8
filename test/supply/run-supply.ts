/**
 * `npm run test:supply` writes the bill of materials of the packages that reach Lambda to `.local/sbom.cdx.json`, and asks the
 * registry for their known holes. It fails at a package without checksum or license, and at a hole that is more than low. A
 * registry that answers no audit is said and passed over.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readAudit, readSbom } from './reports.ts';

const root = join(import.meta.dirname, '../..');
const sbomFile = join(root, '.local/sbom.cdx.json');

const problems = [...(await writeSbom()), ...audit()];
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

async function writeSbom(): Promise<readonly string[]> {
  const json = npm('sbom', '--sbom-format=cyclonedx', '--omit=dev', '--package-lock-only');
  const sbom = readSbom(json);
  await mkdir(join(root, '.local'), { recursive: true });
  await writeFile(sbomFile, `${JSON.stringify(json, null, 2)}\n`);
  console.log(`Bill of materials: ${sbom.packages} packages, in ${sbomFile}`);
  return sbom.problems;
}

function audit(): readonly string[] {
  const report = readAudit(npm('audit', '--omit=dev', '--json'));
  if ('refusal' in report) {
    console.log(`Audit: none, because the registry answers "${report.refusal}".`);
    return [];
  }
  const { holes } = report;
  console.log(`Audit: ${holes.length === 0 ? 'no known hole' : `${holes.length} packages with known holes`}.`);
  for (const { line } of holes.filter(({ isSerious }) => !isSerious)) console.log(line);
  return holes.filter(({ isSerious }) => isSerious).map(({ line }) => line);
}

/** What npm prints as JSON. It ends with an error code when an audit finds something, and prints its report all the same. */
function npm(...args: readonly string[]): unknown {
  const { stdout, stderr, error } = spawnSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (stdout) return JSON.parse(stdout);
  throw new Error(`npm ${args.join(' ')} printed no report, but: ${error?.message ?? stderr}`);
}
