/**
 * The stack on this machine: synthesizes it and runs exactly that. The functions, the API, the schedule and the event rule
 * are the template's; AWS is emulated; a task is a real sshd.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createAws, type EmulatedAws } from '../emulator/aws.ts';
import { realClock } from '../emulator/clock.ts';
import { serveAws } from '../emulator/server.ts';
import type { Interceptor } from '../emulator/wire.ts';
import type { Closers } from './closers.ts';
import { deploy, lambdaEnvironment, startSchedules } from './cloudformation/deploy.ts';
import { imageFolders } from './cloudformation/images.ts';
import { readStack, type Stack } from './cloudformation/stack.ts';
import { synthesize } from './cloudformation/synthesize.ts';
import { LocalContainers } from './fargate/containers.ts';
import { accountArn, serveGateway } from './gateway/gateway.ts';
import { FunctionRunner } from './lambda/functions.ts';
import { functionLogLine } from './log-lines.ts';
import type { Options } from './options.ts';

const accountId = '000000000000';
const region = 'us-east-1';

export interface LocalRunOptions extends Options {
  /** Gets each line that a function or a task logs, and who it was. */
  readonly log: (source: string, line: string) => void;
  /** Stands around every call to the emulated AWS. */
  readonly onCall?: Interceptor;
}

export interface LocalRun {
  readonly apiUrl: string;
  readonly awsUrl: string;
  readonly aws: EmulatedAws;
  readonly stack: Stack;
  /** Folder of the synthesized stack. */
  readonly assembly: string;
}

/** Resolves once the API answers. `closers` get what has been started from the first moment on, also when this throws. */
export async function startLocal({ log, ...options }: LocalRunOptions, closers: Closers): Promise<LocalRun> {
  const root = join(import.meta.dirname, '..');
  await mkdir(join(root, '.local'), { recursive: true });
  const directory = await mkdtemp(join(root, '.local', 'run-'));
  closers.add(() => rm(directory, { recursive: true, force: true }));

  const images: Record<string, string> = {};
  const containers = new LocalContainers({
    images,
    stateDirectory: join(directory, 'tasks'),
    log: (taskId, container, line) => log(`task ${taskId.slice(0, 6)}`, `${container}: ${line}`),
  });
  closers.add(() => containers.close());
  const observed = options.onCall === undefined ? {} : { onCall: options.onCall };
  const aws = createAws({ clock: realClock, containerHost: containers, region, accountId, ...observed });
  closers.add(() => aws.close());

  // Take the ports before the long work, so that a taken one is known at once.
  let running: Stack | undefined;
  const awsServer = await serveAws(aws, { port: options.awsPort });
  closers.add(() => awsServer.close());
  const gateway = await serveGateway({
    port: options.apiPort,
    accountId,
    stack: () => running,
    invoke: (functionArn, event) => aws.lambda.invoke(functionArn, event),
  });
  closers.add(() => gateway.close());

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
  const stack = readStack(assembly, { region, accountId, stackName, apiUrl: gateway.url });
  Object.assign(images, imageFolders(assembly, stackName, stack));
  await deploy(aws, stack, (fn) => {
    const logShown = (line: string) => {
      const shown = functionLogLine(line);
      if (shown !== undefined) log(fn.title, shown);
    };
    const runner = new FunctionRunner({ ...fn, environment: lambdaEnvironment(fn, aws, awsServer.url) }, logShown);
    closers.add(() => runner.close());
    return (event, invocation) => runner.invoke(event, invocation);
  });
  startSchedules(aws, stack);
  running = stack;
  return { apiUrl: gateway.url, awsUrl: awsServer.url, aws, stack, assembly };
}
