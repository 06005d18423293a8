/**
 * `npm run test:clients` holds the emulated AWS to clients that AWS wrote in Python. botocore's models name the parameters of every
 * operation, each of which is declared or refused in words. The AWS CLI runs every command of the runbook against the local run.
 * Each command succeeds there, or is told that the operation is not emulated.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { createAws } from '../../emulator/aws.ts';
import { realClock } from '../../emulator/clock.ts';
import { serveAws } from '../../emulator/server.ts';
import { Closers } from '../../local/closers.ts';
import { type LocalRun, startLocal } from '../../local/run.ts';
import { arjen } from '../support/people.ts';
import { installed, NoPython, type PythonPackage, versionOf } from '../support/python.ts';
import { ScriptedContainers } from '../support/scripted-containers.ts';
import { commandsOfRunbook, type DocumentedCommand } from './documented-commands.ts';

const awsCli: PythonPackage = {
  name: 'awscli',
  requirements: join(import.meta.dirname, 'clients-requirements.txt'),
  module: 'awscli',
};

const credentials = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_DEFAULT_REGION: 'us-east-1' };

const reportSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ count: v.pipe(v.number(), v.minValue(100)), unrefused: v.array(v.string()) }),
);

/** Without the option, version 1 of the AWS CLI sends requests to SQS in us-east-1 to AWS itself. */
const preamble = `
aws() { command aws --endpoint-url "$ENDPOINT" "$@"; }
TASK=$(aws ecs list-tasks --cluster "$CLUSTER" --query 'taskArns[0]' --output text)
`;

const closers = new Closers();
closers.closeOnSignal();
try {
  const bin = installed(awsCli);
  const problems = [...(await unrefusedParameters(bin)), ...(await failedCommands(bin))];
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof NoPython)) throw error;
  console.log(`Skipped: ${error.message}`);
} finally {
  await closers.close();
}

/** Returns the parameters that botocore's models have, and that an operation neither declares nor refuses. */
async function unrefusedParameters(bin: string): Promise<readonly string[]> {
  let now = 0;
  const clock = {
    ...realClock,
    now() {
      now += 1000; // No request rate is ever reached.
      return now;
    },
  };
  const aws = createAws({ clock, containerHost: new ScriptedContainers(clock) });
  closers.add(() => aws.close());
  const server = await serveAws(aws, { port: 0 });
  closers.add(() => server.close());
  const declared = Object.entries(aws.operations).map(([service, actions]) => [
    service,
    Object.fromEntries(actions.map((action) => [action, aws.parametersOf(service, action)])),
  ]);
  const input = JSON.stringify({ url: server.url, services: Object.fromEntries(declared) });
  const program = join(import.meta.dirname, 'parameters.py');
  const { stdout, stderr, code } = await run(join(bin, 'python'), [program], credentials, input);
  if (code !== 0) return [`The program parameters.py failed: ${stderr}`];
  const { count, unrefused } = v.parse(reportSchema, stdout);
  console.log(
    `${count} parameters of AWS that no operation declares: ${count - unrefused.length} are refused in words.`,
  );
  return unrefused;
}

/** Returns the commands of the runbook that fail against the local run for any reason but a missing operation. */
async function failedCommands(bin: string): Promise<readonly string[]> {
  const local = await startLocal({ apiPort: 0, awsPort: 0, context: {}, log: () => {} }, closers);
  const answer = await fetch(`${local.apiUrl}/?user=arjen`, { method: 'POST', body: arjen.body });
  if (answer.status !== 200) return [`Got ${answer.status} for a bastion of the local run, expected 200.`];
  const environment = { ...credentials, ...valuesFor(local), PATH: `${bin}:${process.env.PATH}` };
  const commands = await commandsOfRunbook();
  const problems: string[] = [];
  for (const command of commands) {
    const problem = await problemOf(command, environment);
    if (problem !== undefined) problems.push(problem);
  }
  const missing = commands.filter((command) => command.missing.length > 0).length;
  console.log(
    `The AWS CLI ${versionOf(awsCli)} has run the ${commands.length} commands of the runbook. ` +
      `The emulated AWS lacks the operations of ${missing}, and says so.`,
  );
  return problems;
}

/** The variables of the runbook's commands, with the values of the local run. */
function valuesFor({ awsUrl, aws, stack }: LocalRun): Record<string, string> {
  const [networkInterface] = aws.ec2.interfaces.all();
  const listed = (type: string, name = '') =>
    stack.resources.find((one) => one.type === type && one.logicalId.includes(name))?.physicalId ?? '';
  return {
    ENDPOINT: awsUrl,
    STACK: stack.name,
    CLUSTER: listed('AWS::ECS::Cluster'),
    QUEUE: listed('AWS::SQS::Queue'),
    HANDOFF_TABLE: listed('AWS::DynamoDB::Table', 'Handoff'),
    VPC: networkInterface?.subnet.vpcId ?? '',
    GROUP_ID: networkInterface?.groupIds[0] ?? '',
    INTERFACE: networkInterface?.id ?? '',
    GROUP: 'a-log-group',
    SESSION: 'a-session',
  };
}

async function problemOf(command: DocumentedCommand, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const { stdout, stderr, code } = await run('bash', ['-c', preamble + command.text], environment);
  const got = `${command.text}\n  ended with ${code}: ${stdout}${stderr}`;
  if (command.missing.length === 0) return code === 0 && stderr === '' ? undefined : got;
  const isRefused = command.missing.every((operation) =>
    stderr.includes(`The emulated AWS has no operation ${operation.split(' ')[0]} `),
  );
  return code !== 0 && isRefused ? undefined : got;
}

async function run(file: string, args: readonly string[], environment: NodeJS.ProcessEnv, input = '') {
  const child = spawn(file, args, { env: { ...process.env, ...environment }, stdio: 'pipe' });
  child.stdin.end(input);
  const code = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { stdout, stderr, code: await code };
}
