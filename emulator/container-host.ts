/** Runs the containers of tasks: as processes, in another container engine, or as a script in a test. */
export interface ContainerHost {
  /** Gives a task its place on the network, before any of its containers starts. A rejection makes the task fail to start. */
  attach(request: AttachRequest): Promise<TaskNetwork>;
  /** Starts one container. A rejection makes its task fail to start. */
  start(request: ContainerStart): Promise<RunningContainer>;
  /** Closes every connection of the task and frees its addresses. ECS calls it once, after the containers have ended. */
  detach(taskId: string): Promise<void>;
}

/** A task that needs a place on the network. */
export interface AttachRequest {
  readonly taskId: string;
  /** Says whether the security groups of the task's network interface allow this new connection now. */
  readonly allows: (connection: { readonly port: number; readonly sourceIp: string }) => boolean;
}

/** A task's place on the network. */
export interface TaskNetwork {
  /** The address that clients connect to. EC2 reports it as the interface's public IP. */
  readonly publicIp: string;
}

/**
 * The limits and rights of a container, as RegisterTaskDefinition has them. A host that runs plain processes can put none of
 * them into effect.
 */
export interface RuntimeProperties {
  /** Default: the image's own. */
  readonly user?: string;
  /** Default false. */
  readonly readonlyRootFilesystem?: boolean;
  readonly linuxParameters?: LinuxParameters;
  /** Fargate's own default is 65,535 open files. */
  readonly ulimits?: readonly Ulimit[];
  /** Parameters of the kernel. Those of the network hold for all containers of the task. */
  readonly systemControls?: readonly { readonly namespace: string; readonly value: string }[];
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LinuxParameters.html */
export interface LinuxParameters {
  /** The names of capabilities without `CAP_`, or `ALL`. */
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
  /** Whether an init process forwards signals and reaps processes. Default false. */
  readonly initProcessEnabled?: boolean;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Ulimit.html */
export interface Ulimit {
  readonly name: string;
  readonly softLimit: number;
  readonly hardLimit: number;
}

/** A container to start. */
export interface ContainerStart extends RuntimeProperties {
  readonly taskId: string;
  readonly name: string;
  /** The container definition's image, as registered. */
  readonly image: string;
  /** The container definition's `entryPoint`. Default: the image's own. */
  readonly entryPoint?: readonly string[];
  /** The command of the override or of the container definition. Default: the image's own. */
  readonly command?: readonly string[];
  /** The variables of the container definition, of the overrides and of ECS itself. */
  readonly environment: Readonly<Record<string, string>>;
  /** The task definition's `cpu`: 1024 units are one processor. All containers of the task share it. */
  readonly cpu?: string;
  /** The task definition's `memory`, in MiB. All containers of the task share it. */
  readonly memory?: string;
}

/** A container that has started. */
export interface RunningContainer {
  /** Resolves with the exit code once the container has ended. The code is 128 + n after signal n, as in a shell. */
  readonly exited: Promise<number>;
  /** Sends a signal to the container. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
}
