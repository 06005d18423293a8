import { authorizedKeyValue, noticeValue, taskEnv } from '../../contracts/agent.ts';
import type { EmulatedAws } from '../../emulator/aws.ts';
import type { Clock } from '../../emulator/clock.ts';
import type { ContainerHost, ContainerStart, RunningContainer } from '../../emulator/container-host.ts';
import type { Call } from '../../emulator/wire.ts';
import { attending, deleteHandoff, fetchHandoff } from './scripted-handoff.ts';
import { ScriptedNetworks } from './scripted-networks.ts';
import { Signal } from './signal.ts';
import { handoffOf, type TaskHandoff } from './webhook-agent.ts';
import { handoffTaskIdIn } from './written-items.ts';

interface ScriptedContainer {
  readonly start: ContainerStart;
  readonly exit: (code: number) => void;
}

/** An agent that fails: its vendor's service refuses it, or its sshd never greets. */
interface AgentFailure {
  readonly code: number;
  /** Milliseconds from the fetched handoff. */
  readonly afterMs: number;
}

interface ScriptedContainersOptions {
  /** The milliseconds from the fetched handoff until sshd greets. */
  readonly readyAfterMs?: number;
  /** The milliseconds after which a container of this name ends well. */
  readonly endsAfterMs?: Readonly<Record<string, number>>;
}

/**
 * A container host without processes. An agent fetches its handoff, for which it has to be connected to AWS, and takes it some
 * virtual time later: then its sshd greets, or it has registered. A pooled one asks for its key from then on, once a second. Every
 * container runs until it is killed or a test ends it. Two images misbehave: `missing` cannot be started, `stubborn` ignores SIGTERM.
 */
export class ScriptedContainers extends ScriptedNetworks implements ContainerHost {
  readonly #clock: Clock;
  readonly #readyAfterMs: number;
  readonly #endsAfterMs: Readonly<Record<string, number>>;
  readonly #running = new Set<ScriptedContainer>();
  readonly #exitsAtStart = new Map<string, number>();
  #failureOf: (name: string) => AgentFailure | undefined = () => undefined;
  readonly #received = new Map<string, Readonly<Record<string, string>>>();
  readonly #upTaskIds = new Set<string>();
  readonly #keys = new Map<string, string>();
  readonly #notices = new Map<string, readonly string[]>();
  readonly #puts = new Map<string, Signal>();
  readonly #ends = new Map<string, { readonly at: number; readonly code: number }>();
  readonly #listeners: ((taskId: string) => void)[] = [];
  #aws: EmulatedAws | undefined;

  constructor(clock: Clock, { readyAfterMs = 300, endsAfterMs = {} }: ScriptedContainersOptions = {}) {
    super();
    this.#clock = clock;
    this.#readyAfterMs = readyAfterMs;
    this.#endsAfterMs = endsAfterMs;
  }

  /** Connects the agents that start from now on to the AWS that runs them. */
  connect(aws: EmulatedAws): void {
    this.#aws = aws;
  }

  /** Hears that AWS has carried out a call. Agents look for an item only after one was put for their task. */
  hear(call: Call): void {
    const taskId = handoffTaskIdIn(call);
    if (taskId !== undefined) this.#putsOf(taskId).note();
  }

  async start(start: ContainerStart): Promise<RunningContainer> {
    if (start.image === 'missing') throw new Error('exec format error');
    const exited = Promise.withResolvers<number>();
    const container: ScriptedContainer = {
      start,
      exit: (code) => {
        if (!this.#running.delete(container)) return;
        this.#ends.set(start.taskId, { at: this.#clock.now(), code });
        exited.resolve(code);
        this.#tell(start.taskId);
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

  /** The containers that run now. */
  running(): readonly ContainerStart[] {
    return [...this.#running].map(({ start }) => start);
  }

  /** Makes every later container of this name end at its start. */
  exitAtStart(name: string, code: number): void {
    this.#exitsAtStart.set(name, code);
  }

  /** Asked for each agent that has its handoff from now on: how it fails, if it does. */
  failAgents(failureOf: (name: string) => AgentFailure | undefined): void {
    this.#failureOf = failureOf;
  }

  /** The values that the task's agent fetched; undefined until then. */
  received(taskId: string): Readonly<Record<string, string>> | undefined {
    return this.#received.get(taskId);
  }

  /** The notices that the task's agent has shown, oldest first. */
  noticesOf(taskId: string): readonly string[] {
    return this.#notices.get(taskId) ?? [];
  }

  /** Whether the task's agent has come up: its sshd has greeted, or it has registered. It may have ended since. */
  hasComeUp(taskId: string): boolean {
    return this.#upTaskIds.has(taskId);
  }

  /** The key with which the task's sshd lets in; undefined while it lets in nobody. */
  keyOf(taskId: string): string | undefined {
    const container = [...this.#running].find(({ start }) => start.taskId === taskId);
    return container?.start.environment[taskEnv.authorizedKey] ?? this.#keys.get(taskId);
  }

  /** The moment at which the task's last container ended, for any reason. Undefined if none has ended. */
  endedAt(taskId: string): number | undefined {
    return this.#ends.get(taskId)?.at;
  }

  /** The exit code of the task's container that ended last. Undefined if none has. */
  exitCodeOf(taskId: string): number | undefined {
    return this.#ends.get(taskId)?.code;
  }

  /** Calls the listener with a task's id when its agent comes up, and when its container ends. */
  onChange(listener: (taskId: string) => void): void {
    this.#listeners.push(listener);
  }

  /** Ends a running container from inside, as a crash or its own decision would. */
  exit(taskId: string, name: string, code: number): void {
    const container = [...this.#running].find(({ start }) => start.taskId === taskId && start.name === name);
    if (container === undefined) throw new Error(`Task ${taskId} has no running container ${name}`);
    container.exit(code);
  }

  #while(container: ScriptedContainer) {
    return { clock: this.#clock, isRunning: () => this.#running.has(container) };
  }

  #tell(taskId: string): void {
    for (const listener of this.#listeners) listener(taskId);
  }

  #startAgent(container: ScriptedContainer): void {
    const aws = this.#aws;
    if (aws === undefined) throw new Error(`Agent ${container.start.name} can't reach AWS: call connect(aws) first.`);
    this.#clock.after(0, () => void this.#run(container, aws));
  }

  /** Each exit is one of the codes in contracts/agent.ts. */
  async #run(container: ScriptedContainer, aws: EmulatedAws): Promise<void> {
    const { taskId, name, environment } = container.start;
    const own = await handoffOf(aws, environment).catch(() => undefined);
    const values = own && (await fetchHandoff(own, this.#while(container)));
    if (own === undefined || values === undefined) return container.exit(69);
    this.#received.set(taskId, values);
    const failure = this.#failureOf(name);
    if (failure !== undefined) {
      await this.#clock.sleep(failure.afterMs);
      return container.exit(failure.code);
    }
    if (name === 'ssh') await this.#clock.sleep(this.#readyAfterMs);
    if (!this.#running.has(container)) return;
    this.#upTaskIds.add(taskId);
    this.#tell(taskId);
    if (!(await deleteHandoff(own, this.#while(container)))) return container.exit(74);
    const upAt = this.#clock.now();
    for (;;) {
      await this.#putsOf(taskId).next();
      // An agent asks at every tick. A tick at which there can be no item is left out here.
      const isSlow = !this.#isPooled(container) && this.#clock.now() - upAt > attending.quickForMs;
      const tickMs = isSlow ? attending.slowTickMs : attending.tickMs;
      await this.#clock.sleep(tickMs - ((this.#clock.now() - upAt) % tickMs));
      if (!this.#running.has(container)) return;
      if (!(await this.#attend(container, own))) this.#putsOf(taskId).note();
    }
  }

  /** True while the bastion has no owner, whose key would let somebody in. */
  #isPooled({ start: { taskId, environment } }: ScriptedContainer): boolean {
    return environment[taskEnv.pooled] === 'true' && !this.#keys.has(taskId);
  }

  /** Installs a key, and deletes whatever item there is. Returns false if AWS has not told or not done it. */
  async #attend(container: ScriptedContainer, own: TaskHandoff): Promise<boolean> {
    const { taskId } = container.start;
    const item = await own.read().catch(() => null);
    if (item === null) return false;
    if (item === undefined || !this.#running.has(container)) return true;
    const { [authorizedKeyValue]: key, [noticeValue]: notice } = item;
    if (notice !== undefined) this.#notices.set(taskId, [...this.noticesOf(taskId), notice]);
    const installed = this.#keys.get(taskId);
    if (key !== undefined && installed !== undefined && key !== installed) {
      container.exit(65);
      return true;
    }
    if (key !== undefined && installed === undefined) {
      this.#keys.set(taskId, key);
      this.#tell(taskId);
    }
    return own.remove().then(
      () => true,
      () => false,
    );
  }

  #putsOf(taskId: string): Signal {
    const signal = this.#puts.get(taskId) ?? new Signal();
    this.#puts.set(taskId, signal);
    return signal;
  }
}
