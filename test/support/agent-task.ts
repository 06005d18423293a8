/**
 * Runs an agent's container as ECS does: a task of the emulated AWS with its own credentials, its handoff in the table,
 * and the real entrypoint as a process. Programs on its PATH record their arguments and environment.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { ECSClient, RunTaskCommand } from '@aws-sdk/client-ecs';
import { marshall } from '@aws-sdk/util-dynamodb';
import { type AgentKind, handoff, taskEnv } from '../../contracts/agent.ts';
import { createAws } from '../../emulator/aws.ts';
import { realClock } from '../../emulator/clock.ts';
import type { ContainerStart } from '../../emulator/container-host.ts';
import { inProcess } from '../../emulator/in-process.ts';
import { serveAws } from '../../emulator/server.ts';
import type { AwsError } from '../../emulator/wire.ts';
import { searchPath } from '../../local/machine.ts';
import { handoffTable, makeHandoffs, roleId } from '../emulator/handoff-task.ts';
import { hour, makeMoments } from './latest-end.ts';
import { exitOf, type Outcome, outcomeOf, run } from './ssh.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';
import { fetchCredentials } from './webhook-agent.ts';

export type Values = Readonly<Record<string, string>>;

/** One run of a recording program. */
export interface Run {
  /** The program's name and its arguments. */
  readonly command: readonly string[];
  readonly environment: Values;
  /** The command lines of every process on this machine at that moment. */
  readonly visible: string;
}

/** A program that records its run, and continues with `then`. */
const recorder = (then: string) => `#!/usr/bin/env bash
record=$RECORDS/$(printf %03d "$(ls "$RECORDS" | wc -l)")
mkdir "$record"
env >"$record/environment"
ps -A -ww -o args= >"$record/visible"
printf '%s\\0' "\${0##*/}" "$@" >"$record/arguments"
mv "$record/arguments" "$record/command"
${then}
`;

/** Registers if it has arguments, and runs otherwise. A test makes it misbehave by its variables. */
const agent = recorder(`if (($# > 0)); then
  echo registering
  [[ -z $AGENT_HANGS ]] || read -r <"\${0%/*}/registered"
  exit "$AGENT_REGISTERS"
fi
[[ -z $AGENT_STUBBORN ]] || trap '' TERM
echo running $$
[[ -z $AGENT_ENDS ]] || exit "$AGENT_ENDS"
exec sleep 1000`);

const wellBehaved = { AGENT_REGISTERS: '0', AGENT_HANGS: '', AGENT_ENDS: '', AGENT_STUBBORN: '' };

const ours = join(import.meta.dirname, '../../agent-image');

/** The id of the session of every task here. */
export const sessionId = 'd8f002cd-38da-41e2-94a9-5060d7c79645';
/** A line of the entrypoint's own, as the log has it. */
export const agentLine = (text: string): string => `[${sessionId}] bastion: ${text}`;

const noDelays = { provisioningMs: 0, pendingMs: 0, pullingMs: 0, deprovisioningMs: 0 };

export type AgentTask = Awaited<ReturnType<typeof startAgentTask>>;

/**
 * Starts a task on the emulated ECS. Its container is about to run the entrypoint of its kind.
 * @param agentImage the folder of all entrypoints
 */
export async function startAgentTask(kind: AgentKind, agentImage = ours) {
  const folder = await makeTemporaryFolder('agent task');
  const [bin, records, runDirectory] = [
    join(folder.path, 'bin'),
    join(folder.path, 'records'),
    join(folder.path, 'run'),
  ];
  await Promise.all([bin, records, runDirectory].map((path) => mkdir(path)));
  await makePrograms(bin);
  const moments = await makeMoments(bin);

  const refused = new Map<string, AwsError>();
  const heard = new Map<string, () => void>();
  const started = Promise.withResolvers<ContainerStart>();
  const aws = createAws({
    clock: realClock,
    delays: noDelays,
    containerHost: {
      attach: async () => ({ publicIp: '198.18.0.1' }),
      start: async (start) => {
        started.resolve(start);
        const exited = Promise.withResolvers<number>();
        return { exited: exited.promise, kill: () => exited.resolve(0) };
      },
      detach: async () => {},
    },
    onCall: async (call, proceed) => {
      const refusal = refused.get(call.action);
      try {
        if (refusal !== undefined) throw refusal;
        return await proceed();
      } finally {
        heard.get(call.action)?.();
      }
    },
  });
  const servers = [await serveAws(aws, { port: 0 })];
  await makeHandoffs(aws);
  const client = inProcess(aws, realClock);
  const dynamodb = new DynamoDBClient(client);
  const taskArn = await runTask(aws, new ECSClient(client), kind);
  const { environment } = await started.promise;
  const children: ChildProcessWithoutNullStreams[] = [];

  return {
    runDirectory,
    environment,
    /** The first folder on the entrypoint's PATH. A test may put programs into it. */
    bin,
    ...moments,

    /** Serves the account at another address too, for containers that reach this machine there. @returns its URL */
    async serveAt(host: string): Promise<string> {
      const server = await serveAws(aws, { host, port: 0, isTask: () => true });
      servers.push(server);
      return server.url;
    },

    /** Lets a registration end that hangs. */
    releaseRegistration: () => writeFile(join(bin, 'registered'), '\n'),

    /** The secret parts of the task's credentials. */
    async credentials(): Promise<string[]> {
      const { secretAccessKey, sessionToken } = await fetchCredentials(aws, environment);
      return [secretAccessKey, sessionToken, environment.AWS_CONTAINER_AUTHORIZATION_TOKEN ?? ''];
    },

    /** Writes a handoff, as the function that starts the task does. The item has these attributes beside its key. */
    async handOver(values: Values, attributes: Values = { [handoff.id]: randomUUID() }): Promise<void> {
      const key = `${roleId}:${taskArn.split('/').at(-1)}`;
      const item = { [handoff.key]: key, [handoff.values]: values, ...attributes };
      await dynamodb.send(new PutItemCommand({ TableName: handoffTable, Item: marshall(item) }));
    },
    /** The number of handoffs that no agent has deleted. */
    handoffs: async () => (await dynamodb.send(new ScanCommand({ TableName: handoffTable }))).Count,

    /** Makes AWS refuse this operation from now on. */
    refuse: (action: string, error: AwsError) => void refused.set(action, error),
    /** Ends the refusal of this operation. */
    accept: (action: string) => void refused.delete(action),
    /** Resolves once AWS has answered this operation. */
    answered: (action: string) => new Promise<void>((resolve) => void heard.set(action, resolve)),

    /** Starts the entrypoint; a variable that is undefined is not set. Its output must be read. */
    start(changes: Readonly<Record<string, string | undefined>> = {}): ChildProcessWithoutNullStreams {
      const child = spawn(join(agentImage, kind === 'ssh' ? 'ssh' : `target/${kind}`, 'entrypoint.sh'), {
        env: {
          ...environment,
          PATH: [bin, searchPath()].join(delimiter),
          RUN_DIR: runDirectory,
          RECORDS: records,
          [taskEnv.latestEnd]: `${Math.floor(Date.now() / 1000) + hour}`,
          CURL_OPTIONS: '',
          ...wellBehaved,
          ...changes,
        },
      });
      children.push(child);
      return child;
    },
    /** Runs the entrypoint to its end. */
    run(changes?: Readonly<Record<string, string | undefined>>): Promise<Outcome> {
      return outcomeOf(this.start(changes));
    },

    /** The runs of the recording programs of these names, in order. */
    async runs(...names: readonly string[]): Promise<Run[]> {
      const folders = (await readdir(records)).sort().map((name) => join(records, name));
      // A program that has just begun writes its record, the command last.
      const all = await Promise.all(folders.filter((folder) => existsSync(join(folder, 'command'))).map(readRun));
      return all.filter(({ command: [name = ''] }) => names.includes(name));
    },

    async close(): Promise<void> {
      for (const child of children) {
        child.kill('SIGTERM');
        await exitOf(child);
      }
      await Promise.all(servers.map((server) => server.close()));
      await aws.close();
      await folder.remove();
    },
  };
}

async function makePrograms(bin: string): Promise<void> {
  const program = async (name: string, text: string) => {
    await writeFile(join(bin, name), text);
    await chmod(join(bin, name), 0o755);
  };
  await program('agent', agent);
  await run('mkfifo', [join(bin, 'registered')]);
  for (const name of ['amazon-ssm-agent', 'bzero-ssm-agent', 'bzero']) await symlink('agent', join(bin, name));
  const themselves = `PATH=\${PATH#*${delimiter}}`;
  // The options are for the first of several requests.
  await program('curl', recorder(`${themselves}\nexec curl --disable $CURL_OPTIONS "$@"`));
  await program('jq', recorder(`${themselves}\nexec jq "$@"`));
}

async function runTask(aws: ReturnType<typeof createAws>, ecs: ECSClient, kind: AgentKind): Promise<string> {
  const [vpcId, subnetId] = ['vpc-0aaaaaaaaaaaaaaaa', 'subnet-0aaaaaaaaaaaaaaa'];
  aws.ec2.addVpc({ vpcId, cidrBlock: '10.0.0.0/16' });
  aws.ec2.addSubnet({ subnetId, vpcId, cidrBlock: '10.0.0.0/24', availabilityZone: 'us-east-1a' });
  aws.ecs.registerCluster('bastions');
  const { arn: taskDefinition } = aws.ecs.registerTaskDefinition({
    family: kind,
    taskRoleArn: `arn:aws:iam::${aws.accountId}:role/handoff`,
    containerDefinitions: [
      {
        name: kind,
        image: 'agent:1',
        environment: [
          { name: taskEnv.handoffTable, value: handoffTable },
          { name: taskEnv.handoffRoleId, value: roleId },
        ],
      },
    ],
  });
  const { tasks: [task] = [] } = await ecs.send(
    new RunTaskCommand({
      cluster: 'bastions',
      taskDefinition,
      networkConfiguration: { awsvpcConfiguration: { subnets: [subnetId], assignPublicIp: 'ENABLED' } },
      overrides: { containerOverrides: [{ name: kind, environment: [{ name: taskEnv.sessionId, value: sessionId }] }] },
    }),
  );
  if (task?.taskArn === undefined) throw new Error('The emulated ECS accepted the task but did not name it.');
  return task.taskArn;
}

async function readRun(record: string): Promise<Run> {
  const read = (name: string) => readFile(join(record, name), 'utf8');
  const [command, environment, visible] = await Promise.all([read('command'), read('environment'), read('visible')]);
  const pairs = [...environment.matchAll(/^([A-Za-z_]\w*)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]);
  return { command: command.split('\0').slice(0, -1), environment: Object.fromEntries(pairs), visible };
}
