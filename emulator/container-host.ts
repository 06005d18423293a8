/**
 * What the emulated ECS needs of whatever really runs its containers. `local/fargate/containers.ts` runs them as processes behind
 * a firewall; tests that need no processes use a scripted host.
 */
export interface ContainerHost {
  /** Gives a task its place on the network, before any of its containers starts. */
  attach(request: AttachRequest): Promise<TaskNetwork>;
  start(request: ContainerStart): Promise<RunningContainer>;
  /** Closes every connection of the task and frees its addresses. Called once, after its containers have ended. */
  detach(taskId: string): Promise<void>;
}

export interface AttachRequest {
  readonly taskId: string;
  /** Asked for every new connection: do the security groups of the task's network interface let it in, right now? */
  readonly admits: (connection: { readonly port: number; readonly sourceIp: string }) => boolean;
}

export interface TaskNetwork {
  /** The address that clients connect to; what EC2 reports as the interface's public IP. */
  readonly publicIp: string;
}

export interface ContainerStart {
  readonly taskId: string;
  readonly name: string;
  /** The container definition's image, as registered. */
  readonly image: string;
  /** The container definition's `entryPoint`; when absent, the image's own. */
  readonly entryPoint?: readonly string[];
  readonly command?: readonly string[];
  /** Definition, overrides and what ECS adds, merged. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface RunningContainer {
  /** Resolves with the exit code once the container has ended; 128 + n after signal n, as a shell counts. */
  readonly exited: Promise<number>;
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
}
