import { taskEnv } from '../../contracts/agent.ts';
import type { EmulatedAws } from '../../emulator/aws.ts';
import type { Clock } from '../../emulator/clock.ts';
import type {
  AttachRequest,
  ContainerHost,
  ContainerStart,
  RunningContainer,
  TaskNetwork,
} from '../../emulator/container-host.ts';
import { openHandoff } from './webhook-agent.ts';

interface ScriptedContainer {
  readonly start: ContainerStart;
  readonly exit: (code: number) => void;
}

interface ScriptedContainersOptions {
  /** The milliseconds from the fetched handoff until sshd greets. */
  readonly readyAfterMs?: number;
  /** The milliseconds after which a container of this name ends well. */
  readonly endsAfterMs?: Readonly<Record<string, number>>;
}

/**
 * A container host without processes. An agent fetches its handoff, for which it has to be connected to AWS, and takes it some
 * virtual time later: then its sshd greets, or it has registered. Every container runs until it is killed or a test ends it.
 * Two images misbehave: `missing` cannot be started, `stubborn` ignores SIGTERM.
 */
export class ScriptedContainers implements ContainerHost {
  readonly #clock: Clock;
  readonly #readyAfterMs: number;
  readonly #endsAfterMs: Readonly<Record<string, number>>;
  readonly #networks = new Map<string, AttachRequest & TaskNetwork>();
  readonly #running = new Set<ScriptedContainer>();
  readonly #exitsAtStart = new Map<string, number>();
  readonly #failedRegistrations = new Map<string, number>();
  readonly #received = new Map<string, Readonly<Record<string, string>>>();
  #aws: EmulatedAws | undefined;
  #attached = 0;

  constructor(clock: Clock, { readyAfterMs = 300, endsAfterMs = {} }: ScriptedContainersOptions = {}) {
    this.#clock = clock;
    this.#readyAfterMs = readyAfterMs;
    this.#endsAfterMs = endsAfterMs;
  }

  /** Connects the agents that start from now on to the AWS that runs them. */
  connect(aws: EmulatedAws): void {
    this.#aws = aws;
  }

  async attach(request: AttachRequest): Promise<TaskNetwork> {
    this.#attached += 1;
    const publicIp = `198.18.${this.#attached >> 8}.${this.#attached & 255}`;
    this.#networks.set(request.taskId, { ...request, publicIp });
    return { publicIp };
  }

  async start(start: ContainerStart): Promise<RunningContainer> {
    if (start.image === 'missing') throw new Error('exec format error');
    const exited = Promise.withResolvers<number>();
    const container: ScriptedContainer = {
      start,
      exit: (code) => {
        this.#running.delete(container);
        exited.resolve(code);
      },
    };
    this.#running.add(container);
    const code = this.#exitsAtStart.get(start.name);
    const afterMs = this.#endsAfterMs[start.name];
    if (code !== undefined) this.#clock.after(0, () => container.exit(code));
    else if (afterMs !== undefined) this.#clock.after(afterMs, () => container.exit(0));
    else if (start.environment[taskEnv.handoffTable] !== undefined) this.#startAgent(container);
    return {
      exited: exited.promise,
      kill(signal) {
        if (signal === 'SIGKILL') container.exit(137);
        else if (start.image !== 'stubborn') container.exit(143);
      },
    };
  }

  async detach(taskId: string): Promise<void> {
    if (!this.#networks.delete(taskId)) throw new Error(`Task ${taskId} is detached, but it was not attached`);
  }

  /** The containers that run now. */
  running(): readonly ContainerStart[] {
    return [...this.#running].map(({ start }) => start);
  }

  /** Makes every later container of this name end at its start. */
  exitAtStart(name: string, code: number): void {
    this.#exitsAtStart.set(name, code);
  }

  /** Makes the vendor's service refuse every later agent of this name. Its container ends once it has its handoff. */
  failRegistration(name: string, code: number): void {
    this.#failedRegistrations.set(name, code);
  }

  /** The values that the task's agent fetched; undefined until then. */
  received(taskId: string): Readonly<Record<string, string>> | undefined {
    return this.#received.get(taskId);
  }

  /** Ends a running container from inside, as a crash or its own decision would. */
  exit(taskId: string, name: string, code: number): void {
    const container = [...this.#running].find(({ start }) => start.taskId === taskId && start.name === name);
    if (container === undefined) throw new Error(`Task ${taskId} has no running container ${name}`);
    container.exit(code);
  }

  /** Whether the task at this public address allows a new connection. False if there is no such task. */
  letsIn(publicIp: string, connection: { readonly port: number; readonly sourceIp: string }): boolean {
    const network = [...this.#networks.values()].find((attached) => attached.publicIp === publicIp);
    return network?.allows(connection) ?? false;
  }

  #startAgent(container: ScriptedContainer): void {
    const aws = this.#aws;
    if (aws === undefined) throw new Error(`Agent ${container.start.name} can't reach AWS: call connect(aws) first.`);
    this.#clock.after(0, () => void this.#run(container, aws));
  }

  async #run(container: ScriptedContainer, aws: EmulatedAws): Promise<void> {
    const { taskId, name, environment } = container.start;
    // An entrypoint that fails ends its container with an exit code.
    const handoff = await openHandoff(aws, this.#clock, environment).catch(() => undefined);
    if (handoff === undefined) return container.exit(69);
    this.#received.set(taskId, handoff.values);
    const code = this.#failedRegistrations.get(name);
    if (code !== undefined) return container.exit(code);
    if (name === 'ssh') await this.#clock.sleep(this.#readyAfterMs);
    await this.#take(container, handoff.take);
    // A late try of the function that wrote the item may bring it back.
    await this.#clock.sleep(againAfterMs);
    await this.#take(container, handoff.take);
  }

  async #take(container: ScriptedContainer, take: () => Promise<void>): Promise<void> {
    if (this.#running.has(container)) await take().catch(() => container.exit(74));
  }
}

const againAfterMs = 20_000;
