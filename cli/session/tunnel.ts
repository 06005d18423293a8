/** Keeps tunnels open: until Ctrl-C, until a program that runs behind them ends, or until the bastion does. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Forward, withFreePorts } from '../ssh/forwards.ts';
import { opensshVersion, runShell, type Version } from '../ssh/openssh.ts';
import { bastionOptions } from '../ssh/options.ts';
import { startTunnel, type TunnelProcess } from '../ssh/tunnel-process.ts';
import type { LiveBastion } from '../state/session.ts';
import { CliError, exitCodes } from '../terminal/errors.ts';
import { table } from '../terminal/table.ts';
import { span } from '../terminal/times.ts';
import type { Context } from './context.ts';
import { destinationOf } from './enter.ts';
import { mayPass, type StartOptions, startBastion } from './start.ts';

/** Pause between two attempts to reach the API after a lost connection. */
const retryMs = 2000;

/** @param program a command line that runs while the tunnels are open. @returns its exit code, or that of an interruption */
export async function openTunnels(
  context: Context,
  options: StartOptions,
  wanted: readonly Forward[],
  program: string | undefined,
): Promise<number> {
  const tunnels = new Tunnels(context, options, await opensshVersion());
  const forwards = await tunnels.open(wanted);
  try {
    announce(context, wanted, forwards, program !== undefined);
    if (program === undefined) return await tunnels.keepUntilInterrupted();
    const kept = tunnels.keep();
    kept.catch(() => {}); // the program meets the closed port, and ends by its own rules
    return await runShell(program, { ...context.env, ...variables(forwards) });
  } finally {
    tunnels.end();
  }
}

class Tunnels {
  readonly #context: Context;
  readonly #options: StartOptions;
  readonly #version: Version;
  #forwards: readonly Forward[] = [];
  #process: TunnelProcess | undefined;
  #expiresAt = '';
  #isOver = false;

  constructor(context: Context, options: StartOptions, version: Version) {
    this.#context = context;
    this.#options = options;
    this.#version = version;
  }

  /** @returns the forwards with the ports that they have got */
  async open(wanted: readonly Forward[]): Promise<readonly Forward[]> {
    const { bastion } = await startBastion(this.#context, this.#options);
    this.#forwards = await withFreePorts(wanted);
    const connection = this.#connect(bastion);
    if (await connection.ready) return this.#forwards;
    throw new CliError(`ssh ended with ${await connection.ended} before the tunnels were open.`, exitCodes.failed);
  }

  /** Opens them again after each lost connection. Rejects once the bastion has ended. */
  async keep(): Promise<void> {
    while (!this.#isOver) {
      await this.#process?.ended;
      if (!this.#isOver) await this.#reopen();
    }
  }

  /** @returns the exit code of an interruption */
  async keepUntilInterrupted(): Promise<number> {
    const { terminal } = this.#context;
    terminal.note(`Ctrl-C closes. ${span(Date.parse(this.#expiresAt) - Date.now())} left.`);
    const codes = { SIGINT: exitCodes.interrupted, SIGTERM: 143, SIGHUP: 129 } as const;
    const interrupted = new Promise<number>((resolve) => {
      for (const [signal, code] of Object.entries(codes)) process.on(signal, () => resolve(code));
    });
    return Promise.race([interrupted, this.keep().then(() => 0)]);
  }

  end(): void {
    this.#isOver = true;
    this.#process?.end();
  }

  #connect(bastion: LiveBastion): TunnelProcess {
    this.#expiresAt = bastion.expiresAt;
    const destination = destinationOf(this.#context, bastion);
    this.#process = startTunnel(bastionOptions(destination, this.#version), destination.alias, this.#forwards);
    return this.#process;
  }

  async #reopen(): Promise<void> {
    const { terminal, api } = this.#context;
    const { ttl: _, ...options } = this.#options; // it would extend the session
    terminal.note('The connection is lost. Opening it again …');
    while (!this.#isOver) {
      try {
        if ((await api.look()) === undefined) {
          throw new CliError(
            'The bastion has ended, and its tunnels with it. Run the command again.',
            exitCodes.notLive,
          );
        }
        const { bastion } = await startBastion(this.#context, options);
        if (await this.#connect(bastion).ready) {
          terminal.note('The tunnels are open again.');
          return;
        }
      } catch (error) {
        if (!mayPass(error) || Date.now() > Date.parse(this.#expiresAt)) throw error;
      }
      await pause(retryMs);
    }
  }
}

/** Says which port leads where. The output of a program that runs behind the tunnels is its own. */
function announce(
  { terminal }: Context,
  wanted: readonly Forward[],
  forwards: readonly Forward[],
  isBeside: boolean,
): void {
  for (const [index, { name, localPort }] of forwards.entries()) {
    const port = wanted[index]?.localPort ?? 0;
    if (port !== 0 && port !== localPort) terminal.warn(`Port ${port} is taken, so ${name} gets ${localPort}.`);
  }
  const rows = forwards.map(({ name, localPort, host, port }) => [
    name,
    `127.0.0.1:${localPort}`,
    `-> ${host}:${port}`,
  ]);
  if (isBeside) terminal.note(table(rows));
  else terminal.result(table(rows), forwards);
}

/** Services whose programs read the place of their server from variables, by port. */
const services: Readonly<Record<number, readonly [host: string, port: string]>> = {
  3306: ['MYSQL_HOST', 'MYSQL_TCP_PORT'],
  5432: ['PGHOST', 'PGPORT'],
};

/** `BASTION_HOST` and `BASTION_PORT` are the first tunnel's, and `BASTION_PORT_2` is the second's. */
export function variables(forwards: readonly Forward[]): Record<string, string> {
  const host = '127.0.0.1';
  const entries = forwards.flatMap(({ localPort, port }, index) => {
    const [hostName, portName] = services[port] ?? [];
    return [
      ...(hostName === undefined || portName === undefined
        ? []
        : [
            [hostName, host],
            [portName, `${localPort}`],
          ]),
      [index === 0 ? 'BASTION_PORT' : `BASTION_PORT_${index + 1}`, `${localPort}`],
    ];
  });
  return { BASTION_HOST: host, ...Object.fromEntries(entries.reverse()) };
}
