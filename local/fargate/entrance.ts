/** A task's place on the network of this machine: the address that people connect to, and the firewall behind it. */
import { taskEnv } from '../../contracts/agent.ts';
import type { AttachRequest } from '../../emulator/container-host.ts';
import { strangerRefusal } from '../../emulator/peer.ts';
import { type Claim, LoopbackAddresses } from './addresses.ts';
import { type Endpoint, type Firewall, type FirewallRequest, openFirewall } from './firewall.ts';

/** Receives each line of a container of a task. The firewall's lines come as those of a container `firewall`. */
export type LogLine = (container: string, line: string) => void;

/**
 * `own`: a loopback address per task. `shared`: 127.0.0.1 for all tasks, each with another SSH_PORT.
 */
export type AddressKind = 'own' | 'shared';

const sharedAddress: Claim = { ip: '127.0.0.1', release: async () => {} };

export class Entrances {
  readonly #addresses = new LoopbackAddresses();
  readonly #kind: AddressKind | undefined;

  /** @param kind default: own where this machine can (Linux), otherwise shared (macOS) */
  constructor(kind?: AddressKind) {
    this.#kind = kind;
  }

  /** Claims an address for a task. */
  async claim(allows: AttachRequest['allows'], log: LogLine): Promise<Entrance> {
    return new Entrance(await this.#claimAddress(), allows, log);
  }

  async #claimAddress(): Promise<Claim> {
    if (this.#kind === 'shared') return sharedAddress;
    const own = await this.#addresses.claim();
    if (own === undefined && this.#kind === 'own') {
      throw new Error('This machine has no address 127.77.0.2; use shared addresses.');
    }
    return own ?? sharedAddress;
  }
}

export class Entrance {
  readonly #claim: Claim;
  readonly #allows: AttachRequest['allows'];
  readonly #log: LogLine;
  #outside: Endpoint | undefined;
  #opening: Promise<Firewall> | undefined;

  constructor(claim: Claim, allows: AttachRequest['allows'], log: LogLine) {
    this.#claim = claim;
    this.#allows = allows;
    this.#log = log;
  }

  get publicIp(): string {
    return this.#claim.ip;
  }

  get isShared(): boolean {
    return this.#claim === sharedAddress;
  }

  /** Where people connect to. Undefined until the port for people is open. */
  get outside(): Endpoint | undefined {
    return this.#outside;
  }

  /** Opens the port for people. Throws when it is taken. */
  async open(port: number, agent: Pick<FirewallRequest, 'inside' | 'source'>): Promise<void> {
    this.#outside = { host: this.#claim.ip, port };
    const isAllowed: FirewallRequest['isAllowed'] = (sourceIp, client) => {
      const refusal = this.#allows({ port, sourceIp }) ? strangerRefusal(client) : 'no rule allows it';
      if (refusal !== undefined) this.#log('firewall', `connection from ${sourceIp} refused: ${refusal}`);
      return refusal === undefined;
    };
    try {
      this.#opening = openFirewall({ ...agent, outside: this.#outside, isAllowed });
      await this.#opening;
    } catch (cause) {
      throw new Error(`Cannot listen on ${this.#claim.ip}:${port}, where the task is to be reached; is it taken?`, {
        cause,
      });
    }
  }

  /** Closes every connection and frees the address. */
  async close(): Promise<void> {
    const firewall = await this.#opening?.catch(() => undefined);
    await firewall?.close();
    await this.#claim.release();
  }
}

/** The port that people connect to, of a container that has one. The agent reports a bad one. */
export function portForPeople(environment: Readonly<Record<string, string>>): number | undefined {
  const port = Number(environment[taskEnv.port]);
  return Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : undefined;
}
