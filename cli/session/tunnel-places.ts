/** Tunnels with the places that they lead to, looked up where AWS knows them. */
import type { Account } from '../account/account.ts';
import type { Forward, HostForward, Service, Tunnel } from '../ssh/forwards.ts';
import type { Terminal } from '../terminal/terminal.ts';

export async function placedForwards(
  tunnels: readonly Tunnel[],
  openAccount: () => Promise<Account>,
  terminal: Pick<Terminal, 'warn'>,
): Promise<HostForward[]> {
  let opening: Promise<Account> | undefined;
  return Promise.all(
    tunnels.map(async ({ name, localPort, place }) => {
      if (!('id' in place)) return forward(name, localPort, place);
      opening ??= openAccount();
      const { refersElsewhere, ...found } = await lookUp(await opening, place.service, place.id);
      if (refersElsewhere === true) {
        terminal.warn(
          `The cache ${place.id} has cluster mode, so it refers clients to nodes that the tunnel does not reach. Use --socks with a client that can.`,
        );
      }
      return forward(name, localPort, found);
    }),
  );
}

const forward = (
  name: string,
  localPort: number | undefined,
  place: Pick<HostForward, 'host' | 'port' | 'engine'>,
): HostForward => ({ kind: 'host', name, localPort: localPort ?? place.port, ...place });

async function lookUp(account: Account, service: Service, id: string) {
  const { findPlace } = await import('../account/places.ts');
  if (service === 'cache') return findPlace(account, (await import('../account/caches.ts')).caches, id);
  return findPlace(account, (await import('../account/databases.ts')).databases, id);
}

/** Services whose programs read the place of their server from variables. */
const services: readonly {
  readonly port: number;
  readonly engine: RegExp;
  readonly names: readonly [host: string, port: string];
}[] = [
  { port: 3306, engine: /mysql|mariadb/, names: ['MYSQL_HOST', 'MYSQL_TCP_PORT'] },
  { port: 5432, engine: /postgres/, names: ['PGHOST', 'PGPORT'] },
];

/**
 * The variables by which a program finds the tunnels. `BASTION_HOST` and `BASTION_PORT` are the first tunnel's, and
 * `BASTION_PORT_2` is the second's. The first of two databases of a kind gets that kind's own variables.
 */
export function tunnelVariables(forwards: readonly Forward[]): Record<string, string> {
  const host = '127.0.0.1';
  const entries = forwards
    .filter((one) => one.kind === 'host')
    .flatMap(({ localPort, port, engine }, index) => {
      const service = services.find((one) => (engine === undefined ? one.port === port : one.engine.test(engine)));
      const own = index === 0 ? 'BASTION_PORT' : `BASTION_PORT_${index + 1}`;
      const [hostName, portName] = service?.names ?? [];
      return [
        [own, `${localPort}`],
        ...(hostName === undefined ? [] : [[hostName, host]]),
        ...(portName === undefined ? [] : [[portName, `${localPort}`]]),
      ];
    });
  const socks = forwards.find(({ kind }) => kind === 'socks');
  return {
    BASTION_HOST: host,
    ...(socks !== undefined && { BASTION_SOCKS: `socks5h://${host}:${socks.localPort}` }),
    ...Object.fromEntries(entries.reverse()),
  };
}
