/**
 * `npm start`: synthesizes the stack and runs exactly that on this machine. The functions, the API, the schedule and the
 * event rule are the template's; AWS is emulated; a task is a real sshd. Ctrl-C ends everything it started.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createAws } from './aws/aws.ts';
import { serveAws } from './aws/server.ts';
import { realClock } from './clock.ts';
import { LocalContainers } from './containers.ts';
import { deploy, lambdaEnvironment, startSchedules } from './deploy.ts';
import { FunctionRunner } from './functions.ts';
import { accountArn, serveGateway } from './gateway.ts';
import { imageFolders } from './images.ts';
import { functionLogLine, stamped } from './log-lines.ts';
import { type Options, readOptions } from './options.ts';
import { readStack, type Stack } from './stack.ts';
import { synthesize } from './synthesize.ts';

const accountId = '000000000000';
const region = 'us-east-1';

async function main(options: Options, closers: (() => Promise<void>)[]): Promise<void> {
  const began = performance.now();
  const root = join(import.meta.dirname, '..');
  await mkdir(join(root, '.local'), { recursive: true });
  const directory = await mkdtemp(join(root, '.local', 'run-'));
  closers.push(() => rm(directory, { recursive: true, force: true }));

  const images: Record<string, string> = {};
  const containers = new LocalContainers({
    images,
    stateDirectory: join(directory, 'tasks'),
    log: (taskId, container, line) => console.log(stamped(`task ${taskId.slice(0, 6)}`, `${container}: ${line}`)),
  });
  closers.push(() => containers.close());
  const aws = createAws({ clock: realClock, containerHost: containers, region, accountId });
  closers.push(() => aws.close());

  // Take the ports before the long work, so that a taken one is known at once.
  let stack: Stack | undefined;
  const awsServer = await serveAws(aws, { port: options.awsPort });
  closers.push(() => awsServer.close());
  const gateway = await serveGateway({
    port: options.apiPort,
    accountId,
    stack: () => stack,
    invoke: (functionArn, event) => aws.lambda.invoke(functionArn, event),
  });
  closers.push(() => gateway.close());

  const context = {
    sshLogin: userInfo().username,
    // Its own address per task lets every task have the same port; one address for all needs a port each.
    sshPort: process.platform === 'linux' ? '2222' : '20000-20999',
    admins: accountArn(accountId),
    ...options.context,
  };
  const assembly = join(directory, 'cdk.out');
  await synthesize(context, assembly);
  const stackName = options.context.stackName ?? 'Bastions';
  const synthesized = readStack(assembly, { region, accountId, stackName, apiUrl: gateway.url });
  Object.assign(images, imageFolders(assembly, stackName, synthesized));
  await deploy(aws, synthesized, (fn) => {
    const log = (line: string) => {
      const shown = functionLogLine(line);
      if (shown !== undefined) console.log(stamped(fn.title, shown));
    };
    const runner = new FunctionRunner({ ...fn, environment: lambdaEnvironment(fn, aws, awsServer.url) }, log);
    closers.push(() => runner.close());
    return (event, invocation) => runner.invoke(event, invocation);
  });
  startSchedules(aws, synthesized);
  stack = synthesized;
  console.log(banner(gateway.url, awsServer.url, (performance.now() - began) / 1000));
}

function banner(api: string, aws: string, seconds: number): string {
  const keys = ['id_ed25519.pub', 'id_ecdsa.pub', 'id_rsa.pub'];
  const own = keys.find((name) => existsSync(join(homedir(), '.ssh', name)));
  const lines = [
    `API      ${api}        (the synthesized stack, running here)`,
    `AWS      ${aws}        (emulated: EC2, ECS, Lambda, DynamoDB, EventBridge, SSM)`,
    ...(own === undefined ? ['key      ssh-keygen -t ed25519        (you have no key yet)'] : []),
    `try      curl -X POST --data-binary "@$HOME/.ssh/${own ?? keys[0]}" '${api}/?user=${userInfo().username}'`,
    `ready in ${seconds.toFixed(1)} s; Ctrl-C ends everything.`,
  ];
  return `\n${lines.join('\n')}\n`;
}

const closers: (() => Promise<void>)[] = [];
let closing: Promise<void> | undefined;

/** Last made, first closed. One that fails to close doesn't keep the others open. */
function close(): Promise<void> {
  closing ??= (async () => {
    for (const closer of closers.reverse()) await closer().catch((error: unknown) => console.error(error));
  })();
  return closing;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => void close().then(() => process.exit(0)));
}

try {
  await main(readOptions(process.argv.slice(2), process.env), closers);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  await close();
  process.exitCode = 1;
}
