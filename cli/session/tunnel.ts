/** Keeps tunnels open: until Ctrl-C, until a program that runs behind them ends, or until the bastion does. */
import type { Forward, Tunnel } from '../ssh/forwards.ts';
import { opensshVersion, runShell } from '../ssh/openssh.ts';
import { exitCodes } from '../terminal/errors.ts';
import { table } from '../terminal/table.ts';
import { span } from '../terminal/times.ts';
import type { Context } from './context.ts';
import type { StartOptions } from './start.ts';
import { TunnelLife } from './tunnel-life.ts';
import { placedForwards, tunnelVariables } from './tunnel-places.ts';

export interface TunnelOptions extends StartOptions {
  /** The port of a SOCKS proxy, if the person wants one. */
  readonly socks?: number;
  /** A command line that runs while the tunnels are open. */
  readonly program?: string;
  /** Whether the bastion lives on while the tunnels are used. */
  readonly isKept: boolean;
}

/** @returns the exit code of the program, or that of an interruption */
export async function openTunnels(
  context: Context,
  tunnels: readonly Tunnel[],
  { socks, program, isKept, ...options }: TunnelOptions,
): Promise<number> {
  const { settings, env, terminal } = context;
  // A name that AWS does not know ends the command before a bastion starts.
  const openAccount = async () => (await import('../account/account.ts')).accountOf(settings, env, terminal);
  const hosts = await placedForwards(tunnels, openAccount, terminal);
  const proxy: readonly Forward[] = socks === undefined ? [] : [{ kind: 'socks', name: 'socks', localPort: socks }];
  const wanted = [...hosts, ...proxy];
  const life = new TunnelLife(context, options, await opensshVersion(), isKept);
  const bastion = await life.start();
  // ssh is deaf to Ctrl-C, so from here on this process ends it.
  const interruption = listenForSignals();
  try {
    const forwards = await Promise.race([life.open(bastion, wanted), interruption.code]);
    if (typeof forwards === 'number') return forwards;
    announce(context, wanted, forwards, program !== undefined);
    if (program === undefined) {
      terminal.note(`Ctrl-C closes. ${span(life.expiresAt - Date.now())} left.`);
      return await Promise.race([interruption.code, life.keep().then(() => 0)]);
    }
    life.keep().catch(() => {}); // the program meets the closed port, and ends by its own rules
    const running = runShell(program, { ...env, ...tunnelVariables(forwards) });
    interruption.end(); // the program has the signals now
    return await running;
  } finally {
    interruption.end();
    life.end();
  }
}

/** `code` is the exit code of the first signal. */
function listenForSignals(): { readonly code: Promise<number>; end(): void } {
  const listeners = new Map<string, () => void>();
  const code = new Promise<number>((resolve) => {
    for (const [signal, exitCode] of Object.entries({ SIGINT: exitCodes.interrupted, SIGTERM: 143, SIGHUP: 129 })) {
      listeners.set(signal, () => resolve(exitCode));
    }
  });
  for (const [signal, listener] of listeners) process.on(signal, listener);
  return {
    code,
    end() {
      for (const [signal, listener] of listeners) process.off(signal, listener);
    },
  };
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
  const rows = forwards.map((forward) => [
    forward.name,
    `127.0.0.1:${forward.localPort}`,
    forward.kind === 'socks' ? '-> every host behind the bastion, by SOCKS' : `-> ${forward.host}:${forward.port}`,
  ]);
  if (isBeside) terminal.note(table(rows));
  else terminal.result(table(rows), forwards);
}
