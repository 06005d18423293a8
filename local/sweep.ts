/**
 * `npm run sweep`: the deployed sweeper looks at once for tasks and security groups that no session explains, and this prints
 * its findings. `--dry-run` removes nothing. `--stack <name>` names another stack than Bastions.
 * With AWS_ENDPOINT_URL=http://127.0.0.1:6002 it asks the local run instead.
 */
import { parseArgs } from 'node:util';
import { InvokeCommand, LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';
import * as v from 'valibot';
import { type SweepOutcome, type SweepRequest, sweeperName, sweepReport } from '../contracts/account.ts';

const words = {
  noted: ['noted; removed if it is still an orphan in ten minutes', 'would be noted, and removed ten minutes later'],
  unconfirmed: ['noted less than ten minutes ago', 'noted less than ten minutes ago'],
  removable: ['left to the next sweep', 'would be removed'],
  removed: ['removed', 'removed'],
  'in-use': ['still in use; tried again by the next sweep', 'still in use'],
  absent: ['gone already', 'gone already'],
  kept: ['spared: its tag bastion:keep protects it', 'spared: its tag bastion:keep protects it'],
  'not-ours': [
    'left alone: it has a name like ours, but not our tag',
    'left alone: it has a name like ours, but not our tag',
  ],
  explained: ['spared: its session lives after all', 'spared: its session lives after all'],
} as const satisfies Record<SweepOutcome, readonly [done: string, inDryRun: string]>;

const failure = v.object({ errorType: v.optional(v.string()), errorMessage: v.string() });

/** Resolves with a line per finding. Throws an error that a person can act on. */
async function sweepNow(stack: string, dryRun: boolean): Promise<string[]> {
  const event: SweepRequest = { dryRun };
  const FunctionName = sweeperName(stack);
  // The function may take a minute. A second try would sweep a second time.
  const client = new LambdaClient({
    ...localRun(process.env.AWS_ENDPOINT_URL),
    maxAttempts: 1,
    requestHandler: { requestTimeout: 70_000, throwOnRequestTimeout: true },
  });
  const { FunctionError, Payload } = await client
    .send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }))
    .catch((error: unknown) => {
      throw new Error(inWords(error, stack), { cause: error });
    });
  const payload: unknown = JSON.parse(Payload?.transformToString() ?? 'null');
  if (FunctionError !== undefined) throw new Error(v.parse(failure, payload).errorMessage);
  return v.parse(sweepReport, payload).orphans.map(({ resource, session, outcome }) => {
    const whose = resource.sessionId === undefined ? 'names no session' : `session ${resource.sessionId} is ${session}`;
    return `${resource.kind} ${resource.id}: ${whose}; ${words[outcome][dryRun ? 1 : 0]}`;
  });
}

/** The client's options for the local run, which checks no signature and has one region. */
function localRun(endpoint: string | undefined): LambdaClientConfig {
  if (endpoint === undefined || !['127.0.0.1', 'localhost'].includes(new URL(endpoint).hostname)) return {};
  return { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'not-checked' } };
}

function inWords(error: unknown, stack: string): string {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const advice: Readonly<Record<string, string>> = {
    CredentialsProviderError:
      'No AWS credentials were found. Sign in first (aws sso login, AWS_PROFILE), or name the local run: AWS_ENDPOINT_URL=http://127.0.0.1:6002',
    ResourceNotFoundException: `There is no function ${sweeperName(stack)} in this account and region. Check AWS_REGION, and name the stack: npm run sweep -- --stack <name>`,
    AccessDeniedException: `You may not invoke ${sweeperName(stack)}. It takes lambda:InvokeFunction on it.`,
    ECONNREFUSED: `No answer from ${process.env.AWS_ENDPOINT_URL}. Start the local run: npm start`,
  };
  const code = error instanceof Error && 'code' in error ? String(error.code) : name;
  return (
    advice[code] ?? advice[name] ?? (/region is missing/i.test(message) ? 'No region is set. Set AWS_REGION.' : message)
  );
}

try {
  const { values } = parseArgs({
    options: { 'dry-run': { type: 'boolean', default: false }, stack: { type: 'string', default: 'Bastions' } },
  });
  const lines = await sweepNow(values.stack, values['dry-run']);
  console.log(lines.length === 0 ? 'Every task and security group has its session.' : lines.join('\n'));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
