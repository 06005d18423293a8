/**
 * `npm run test:openapi` has schemathesis (https://github.com/schemathesis/schemathesis) try the local run with requests that it
 * makes out of `docs/openapi.json`, right and wrong ones. It fails if a reply differs from the document, or if a function failed
 * for a reason that it has no sentence for.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { Closers } from '../../local/closers.ts';
import { audience, scope } from '../../local/issuer/configuration.ts';
import { serveIssuer, settingsFor } from '../../local/issuer/issuer.ts';
import { type LocalRun, startLocal } from '../../local/run.ts';
import { asJwk, makeTokenKey, signed, type TokenKey } from '../support/forged.ts';
import { installed, NoPython, type PythonPackage, versionOf } from '../support/python.ts';

const schemathesis: PythonPackage = {
  name: 'schemathesis',
  requirements: join(import.meta.dirname, 'schemathesis-requirements.txt'),
  module: 'schemathesis',
};

/** Few sessions, so that most right requests for one more are refused and cost nothing. No throttle, which would hide replies. */
const settings = { maxSessions: '5', rateLimit: '10000', burstLimit: '5000', maxTtl: '1h' };

const ciSettings = { ciAudience: 'bastions-ci', ciRepositories: 'example/*' };

/** Tokens of an admin and of a workload, valid for the run. */
function tokensOf(iss: string, key: TokenKey) {
  const now = Math.floor(Date.now() / 1000);
  const times = { iat: now, exp: now + 24 * 3600 };
  const admin = { email: 'olga@example.com', email_verified: true, groups: ['ops'], aud: audience, scope };
  const workload = { repository: 'example/shop', environment: 'production', aud: ciSettings.ciAudience };
  return {
    PERSON_TOKEN: signed({ iss, sub: 'olga', ...admin, ...times }, key),
    WORKLOAD_TOKEN: signed({ iss, sub: 'shop', ...workload, ...times }, key),
  };
}

const secretSchema = v.pipe(v.string(), v.parseJson(), v.object({ current: v.string() }));

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } });
const closers = new Closers();
closers.closeOnSignal();
try {
  process.exitCode = await testApi(installed(schemathesis));
} catch (error) {
  if (!(error instanceof NoPython)) throw error;
  console.log(`Skipped: ${error.message}`);
} finally {
  await closers.close();
}

async function testApi(bin: string): Promise<number> {
  const failures: string[] = [];
  const log = ({ line }: { readonly line: string }) => {
    if (line.includes('"message":"request failed"') && !line.includes('AwsUnavailable')) failures.push(line);
  };
  const key = makeTokenKey();
  const issuer = await serveIssuer({ port: 0, isPage: () => false, signingKey: asJwk(key) });
  closers.add(() => issuer.close());
  const context = { ...settings, ...settingsFor(issuer.url), ...ciSettings, ciIssuer: issuer.url };
  const run = await startLocal({ apiPort: 0, awsPort: 0, context, log }, closers);
  console.log(`schemathesis ${versionOf(schemathesis)} against the local run`);
  const code = await runSchemathesis(bin, run, tokensOf(issuer.url, key));
  for (const line of failures) console.error(`A function failed: ${line}`);
  return code === 0 && failures.length === 0 ? 0 : 1;
}

/** Resolves with the exit code. The secret and the tokens go through the environment, because everybody can read a command line. */
async function runSchemathesis(
  bin: string,
  { apiUrl, stack, folder }: LocalRun,
  tokens: Readonly<Record<string, string>>,
): Promise<number> {
  const { current } = v.parse(secretSchema, stack.secrets[0]?.value);
  const config = ['--config-file', join(import.meta.dirname, 'schemathesis.toml')];
  const document = join(import.meta.dirname, '../../docs/openapi.json');
  const args = ['run', document, '--url', apiUrl, '--max-time', values.seconds, '--workers', '1'];
  const child = spawn(join(bin, 'schemathesis'), [...config, ...args], {
    cwd: folder, // schemathesis leaves a cache where it runs
    env: { ...process.env, WEBHOOK_SECRET: current, ...tokens },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  return typeof code === 'number' ? code : 1;
}
