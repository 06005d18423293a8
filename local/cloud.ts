/** The emulated AWS of a local run, with its containers, its two ports and the stack that is deployed to it. */
import { env } from '../contracts/stack.ts';
import { createAws, type EmulatedAws } from '../emulator/aws.ts';
import { realClock } from '../emulator/clock.ts';
import type { InvocationContext } from '../emulator/lambda/lambda.ts';
import { serveAws } from '../emulator/server.ts';
import type { Interceptor } from '../emulator/wire.ts';
import { callerArn } from './caller.ts';
import type { Closers } from './closers.ts';
import { deploy, lambdaEnvironment, startSchedules } from './cloudformation/deploy.ts';
import { readStack, type Stack, type StackFunction } from './cloudformation/stack.ts';
import { type ContainerNetwork, type FargateOptions, openFargate } from './fargate/fargate.ts';
import type { Endpoint } from './fargate/firewall.ts';
import { serveGateway } from './gateway/gateway.ts';
import { Environments } from './lambda/environments.ts';
import type { LogEntry } from './log-lines.ts';
import type { Steps } from './steps.ts';

export interface CloudOptions extends Pick<FargateOptions, 'containers' | 'buildArguments' | 'folder'> {
  readonly apiPort: number;
  readonly awsPort: number;
  readonly region: string;
  readonly accountId: string;
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
  /** The login of every bastion of the stack. */
  loginOf(stack: Stack): string;
  /** Makes everything in the synthesized stack, and then opens the API. */
  deploy(assembly: string, stackName: string, show: Steps['show']): Promise<Stack>;
}

/** Takes both ports. Throws a sentence when one is taken, or when the containers can't run here. `closers` get each part as soon as it is there. */
export async function openCloud(options: CloudOptions, closers: Closers): Promise<Cloud> {
  const { region, accountId, log } = options;
  const fargate = await openFargate(
    { ...options, log: (taskId, container, line) => log({ taskId, container, line }) },
    closers,
  );
  const observed = options.onCall === undefined ? {} : { onCall: options.onCall };
  const aws = createAws({ clock: realClock, containerHost: fargate.host, region, accountId, ...observed });
  closers.add(() => aws.close());
  const awsServer = await serveAws(aws, { port: options.awsPort, portVariable: 'AWS_PORT' });
  closers.add(() => awsServer.close());
  if (fargate.network !== undefined) {
    const taskServer = await serveTasks(aws, fargate.network, Number(new URL(awsServer.url).port));
    closers.add(() => taskServer.close());
  }

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

  const functionOf = (stack: Stack) => (fn: StackFunction) => {
    // The login in replies is that of the sshd here, whatever the setting for the image says.
    const login = env.sshLogin in fn.environment ? { [env.sshLogin]: fargate.loginOf(stack) } : {};
    const environment = { ...lambdaEnvironment(fn, aws, awsServer.url), ...login };
    const spec = { ...fn, environment, log: (line: string) => log({ title: fn.title, line }) };
    return (event: unknown, context: InvocationContext) => environments.invoke(spec, event, context);
  };

  return {
    apiUrl: gateway.url,
    awsUrl: awsServer.url,
    aws,
    entranceOf: (taskId) => fargate.host.entranceOf(taskId),
    loginOf: (stack) => fargate.loginOf(stack),

    async deploy(assembly, stackName, show) {
      const stack = readStack(assembly, { region, accountId, stackName, apiUrl: gateway.url });
      await fargate.load(assembly, stackName, stack, show);
      await show('deploying it', deploy(aws, stack, functionOf(stack)));
      startSchedules(aws, stack);
      running = stack;
      return stack;
    },
  };
}

/** Opens the AWS port on the network of the containers too, for them alone. */
async function serveTasks(aws: EmulatedAws, network: ContainerNetwork, port: number) {
  const { machineIp, isContainer } = network;
  try {
    return await serveAws(aws, { host: machineIp, port, isTask: isContainer });
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EADDRNOTAVAIL')) throw cause;
    throw new Error(
      `This machine has no address ${machineIp}, although Docker gave it to the network of this run. Docker runs in a virtual machine or ` +
        'without root, so its containers are out of reach. Use a Docker of this Linux machine, or leave --containers docker out.',
      { cause },
    );
  }
}
