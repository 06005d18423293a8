/** One ssh with all tunnels, and the next one after a lost connection. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Forward } from '../ssh/forwards.ts';
import { withFreePorts } from '../ssh/free-ports.ts';
import type { Version } from '../ssh/openssh.ts';
import { bastionOptions } from '../ssh/options.ts';
import { startTunnel, type TunnelProcess } from '../ssh/tunnel-process.ts';
import { TunnelUse } from '../ssh/tunnel-use.ts';
import type { LiveBastion } from '../state/session.ts';
import { CliError, exitCodes } from '../terminal/errors.ts';
import type { Context } from './context.ts';
import { destinationOf } from './enter.ts';
import { mayPass, type StartOptions, startBastion } from './start.ts';
import { TunnelExpiry } from './tunnel-expiry.ts';
import { whyEnded } from './why-ended.ts';

/** Pause between two attempts to reach the API or the bastion after a lost connection. */
const retryMs = 2000;

/** The life of a session without `--ttl`, in most deployments. */
const usualTtl = '1h';

export class TunnelLife {
  readonly #context: Context;
  readonly #options: StartOptions;
  readonly #version: Version;
  readonly #use: TunnelUse | undefined;
  readonly #expiry: TunnelExpiry;
  #forwards: readonly Forward[] = [];
  #process: TunnelProcess | undefined;
  #sessionId = '';
  #isOver = false;

  /** @param isKept whether the bastion lives on while the tunnels are used */
  constructor(context: Context, options: StartOptions, version: Version, isKept: boolean) {
    this.#context = context;
    this.#options = options;
    this.#version = version;
    const { terminal } = context;
    this.#use = isKept
      ? new TunnelUse(
          () => this.#expiry.check(),
          (line) => terminal.passOn(line),
        )
      : undefined;
    this.#expiry = new TunnelExpiry(context, { use: this.#use, ttl: options.ttl ?? usualTtl });
  }

  /** Epoch milliseconds. */
  get expiresAt(): number {
    return this.#expiry.expiresAt;
  }

  /** Starts the bastion or finds it. */
  async start(): Promise<LiveBastion> {
    return (await startBastion(this.#context, this.#options)).bastion;
  }

  /** @returns the forwards with the ports that they have got */
  async open(bastion: LiveBastion, wanted: readonly Forward[]): Promise<readonly Forward[]> {
    this.#forwards = await withFreePorts(wanted);
    const connection = this.#connect(bastion);
    if (await connection.ready) return this.#forwards;
    throw new CliError(
      `ssh ended with ${await connection.ended} before the tunnels were open. "bastion doctor" looks for the reason.`,
      exitCodes.failed,
    );
  }

  /** Opens them again after each lost connection. Rejects once the bastion has ended. */
  async keep(): Promise<void> {
    while (!this.#isOver) {
      await this.#process?.ended;
      if (!this.#isOver) await this.#reopen();
    }
  }

  end(): void {
    this.#isOver = true;
    this.#expiry.end();
    this.#process?.end();
  }

  #connect(bastion: LiveBastion): TunnelProcess {
    this.#expiry.watch(bastion);
    this.#sessionId = bastion.sessionId;
    const destination = destinationOf(this.#context, bastion);
    const options = bastionOptions(destination, this.#version);
    this.#process = startTunnel(options, destination.alias, this.#forwards, this.#use);
    return this.#process;
  }

  /** Asks the API each time. It knows whether the bastion lives and where, and it lets this machine's new address in. */
  async #reopen(): Promise<void> {
    const { terminal, api } = this.#context;
    const { ttl: _, ...options } = this.#options; // it would extend the session
    terminal.note('The connection is lost. Opening it again …');
    while (!this.#isOver) {
      try {
        if ((await api.look()) === undefined) {
          const why = await whyEnded(api, this.#sessionId);
          throw new CliError(
            `The bastion has ended, and its tunnels with it.${why} Run the command again.`,
            exitCodes.notLive,
          );
        }
        const { bastion } = await startBastion(this.#context, options);
        if (await this.#connect(bastion).ready) {
          terminal.note('The tunnels are open again.');
          return;
        }
      } catch (error) {
        if (!mayPass(error) || Date.now() > this.#expiry.expiresAt) throw error;
      }
      await pause(retryMs);
    }
  }
}
