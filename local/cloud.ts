/** The emulated AWS of a local run, with its containers, its two ports and the stack that is deployed to it. */
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { env } from '../contracts/stack.ts';
import { createAws, type EmulatedAws } from '../emulator/aws.ts';
import { realClock } from '../emulator/clock.ts';
import type { InvocationContext } from '../emulator/lambda/lambda.ts';
import { serveAws } from '../emulator/server.ts';
import type { Interceptor } from '../emulator/wire.ts';
import { callerArn } from './caller.ts';
import type { Closers } from './closers.ts';
import { deploy, lambdaEnvironment, startSchedules } from './cloudformation/deploy.ts';
import { imageFolders } from './cloudformation/images.ts';
import { readStack, type Stack, type StackFunction } from './cloudformation/stack.ts';
import { LocalContainers } from './fargate/containers.ts';
import type { Endpoint } from './fargate/firewall.ts';
import { serveGateway } from './gateway/gateway.ts';
import { Environments } from './lambda/environments.ts';
import type { LogEntry } from './log-lines.ts';

export interface CloudOptions {
  readonly apiPort: number;
  readonly awsPort: number;
  readonly region: string;
  readonly accountId: string;
  /** Holds the private directories of tasks. */
  readonly folder: string;
  /** Receives each line that a function or a task logs. */
  readonly log: (entry: LogEntry) => void;
  /** Stands around every call to the emulated AWS. */
  readonly onCall?: Interceptor;
}

export interface Cloud {
  readonly apiUrl: string;
  readonly awsUrl: string;
  readonly aws: EmulatedAws;
  /** Where people reach a running task. Undefined for a task that has no port for people. */
  entranceOf(taskId: string): Endpoint | undefined;
  /** Makes everything in the synthesized stack, and then opens the API. */
  deploy(assembly: string, stackName: string): Promise<Stack>;
}

/** Takes both ports. Throws a sentence when one is taken. `closers` get each part as soon as it is there. */
export async function openCloud(options: CloudOptions, closers: Closers): Promise<Cloud> {
  const { region, accountId, log } = options;
  const images: Record<string, string> = {};
  const containers = new LocalContainers({
    images,
    stateDirectory: join(options.folder, 'tasks'),
    log: (taskId, container, line) => log({ taskId, container, line }),
  });
  closers.add(() => containers.close());
  const observed = options.onCall === undefined ? {} : { onCall: options.onCall };
  const aws = createAws({ clock: realClock, containerHost: containers, region, accountId, ...observed });
  closers.add(() => aws.close());
  const awsServer = await serveAws(aws, { port: options.awsPort, portVariable: 'AWS_PORT' });
  closers.add(() => awsServer.close());

  let running: Stack | undefined;
  const gateway = await serveGateway({
    port: options.apiPort,
    accountId,
    callerArn: callerArn(accountId),
    stack: () => running,
    invoke: (functionArn, event) => aws.lambda.invoke(functionArn, event),
  });
  closers.add(() => gateway.close());
  const environments = new Environments({ clock: realClock });
  closers.add(() => environments.close());

  const functionOf = (fn: StackFunction) => {
    const environment = { ...lambdaEnvironment(fn, aws, awsServer.url), ...ownLogin(fn) };
    const spec = { ...fn, environment, log: (line: string) => log({ title: fn.title, line }) };
    return (event: unknown, context: InvocationContext) => environments.invoke(spec, event, context);
  };

  return {
    apiUrl: gateway.url,
    awsUrl: awsServer.url,
    aws,
    entranceOf: (taskId) => containers.entranceOf(taskId),

    async deploy(assembly, stackName) {
      const stack = readStack(assembly, { region, accountId, stackName, apiUrl: gateway.url });
      Object.assign(images, imageFolders(assembly, stackName, stack));
      await deploy(aws, stack, functionOf);
      startSchedules(aws, stack);
      running = stack;
      return stack;
    },
  };
}

/** The login in replies: sshd runs as this user, whatever the setting for the image says. */
function ownLogin({ environment }: StackFunction): Record<string, string> {
  return env.sshLogin in environment ? { [env.sshLogin]: userInfo().username } : {};
}
