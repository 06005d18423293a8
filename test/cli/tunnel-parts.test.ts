/** The parts of a tunnel that reckon: its text, its ports, its variables, and how it sees that it is used. */
import { createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { tunnelVariables } from '../../cli/session/tunnel-places.ts';
import { forwardArguments, type HostForward, parseTunnel } from '../../cli/ssh/forwards.ts';
import { withFreePorts } from '../../cli/ssh/free-ports.ts';
import { TunnelUse } from '../../cli/ssh/tunnel-use.ts';

const hostForward = (localPort: number, port: number, engine?: string): HostForward => ({
  kind: 'host',
  name: 'x',
  localPort,
  host: 'db.internal',
  port,
  ...(engine !== undefined && { engine }),
});

describe('a tunnel', () => {
  const tunnels = { db: 'db.internal:5432', orders: '6543:rds:orders' };

  it.each([
    ['db.internal:5432', undefined, { host: 'db.internal', port: 5432 }],
    ['8080:app:80', 8080, { host: 'app', port: 80 }],
    ['0:app:80', 0, { host: 'app', port: 80 }],
    ['1:[fd00::1]:22', 1, { host: 'fd00::1', port: 22 }],
    ['rds:orders-1', undefined, { service: 'rds', id: 'orders-1' }],
    ['7000:cache:sessions', 7000, { service: 'cache', id: 'sessions' }],
    ['rds:5432', undefined, { host: 'rds', port: 5432 }],
    ['db', undefined, { host: 'db.internal', port: 5432 }],
    ['orders', 6543, { service: 'rds', id: 'orders' }],
  ])('%s has the local port %s and the place %j', (text, localPort, place) => {
    expect(parseTunnel(text, tunnels)).toEqual({ name: text, localPort, place });
  });

  it.each(['db2', 'db:0', 'db:65536', '65536:db:1', 'a:b:1', '-oX=y:1 2', '-x:1', '::1:22', 'toString', 'rds:a_b'])(
    '%j is refused',
    (text) => {
      expect(() => parseTunnel(text, tunnels)).toThrow(/expected HOST:PORT.*bastion.json names db, orders/);
    },
  );
});

it.each([
  [hostForward(1, 2), ['-L', '127.0.0.1:1:db.internal:2']],
  [{ ...hostForward(1, 2), host: 'fd00::1' }, ['-L', '127.0.0.1:1:[fd00::1]:2']],
  [{ kind: 'socks', name: 'socks', localPort: 1080 } as const, ['-D', '127.0.0.1:1080']],
])('%j is for ssh %j', (forward, expected) => {
  expect(forwardArguments(forward)).toEqual(expected);
});

it('a forward gets the next port when its own is taken, also by another forward of the same command', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const taken = typeof address === 'object' && address !== null ? address.port : 0;
  const placed = await withFreePorts([hostForward(taken, 1), hostForward(taken, 2)]);
  const [first = 0, second] = placed.map(({ localPort }) => localPort);
  expect(first).toBeGreaterThan(taken);
  expect(second).toBeGreaterThan(first);
  server.close();
});

it.each([
  [[hostForward(1, 5432)], { BASTION_PORT: '1', PGHOST: '127.0.0.1', PGPORT: '1' }],
  [[hostForward(1, 6000, 'aurora-postgresql')], { BASTION_PORT: '1', PGHOST: '127.0.0.1', PGPORT: '1' }],
  [[hostForward(1, 5432, 'mysql')], { BASTION_PORT: '1', MYSQL_HOST: '127.0.0.1', MYSQL_TCP_PORT: '1' }],
  [
    [
      hostForward(1, 80),
      { kind: 'socks', name: 'socks', localPort: 1080 } as const,
      hostForward(2, 5432),
      hostForward(3, 5432),
    ],
    {
      BASTION_PORT: '1',
      BASTION_PORT_2: '2',
      BASTION_PORT_3: '3',
      PGHOST: '127.0.0.1',
      PGPORT: '2',
      BASTION_SOCKS: 'socks5h://127.0.0.1:1080',
    },
  ],
])('a program behind %j finds them in %j', (forwards, variables) => {
  expect(tunnelVariables(forwards)).toEqual({ BASTION_HOST: '127.0.0.1', ...variables });
});

describe('the use of a tunnel', () => {
  /** Reads the lines, and returns what it has seen. */
  async function seen(...lines: readonly string[]) {
    const passed: string[] = [];
    let uses = 0;
    const use = new TunnelUse(
      () => {
        uses += 1;
      },
      (line) => passed.push(line),
    );
    const stderr = new PassThrough();
    use.read(stderr);
    stderr.end(lines.map((line) => `${line}\n`).join(''));
    await new Promise((resolve) => stderr.once('close', resolve));
    use.forget();
    return { passed, uses, isOpen: use.isUsed };
  }

  it.each([
    ['channel 2: new [direct-tcpip]', true],
    ['channel 2: new direct-tcpip [direct-tcpip] (inactive timeout: 0)', true],
    ['channel 2: new dynamic-tcpip [dynamic-tcpip] (inactive timeout: 0)', true],
    ['channel 0: new port-listener [port listener] (inactive timeout: 0)', false],
  ])('is told by "%s": %s', async (message, isOpen) => {
    expect(await seen(`debug1: ${message}`)).toEqual({ passed: [], uses: isOpen ? 1 : 0, isOpen });
  });

  it('ends with the channel', async () => {
    const lines = ['channel 2: new [direct-tcpip]', 'channel 2: free: direct-tcpip: listening port 1, nchannels 3'];
    expect(await seen(...lines.map((line) => `debug1: ${line}`))).toEqual({ passed: [], uses: 1, isOpen: false });
  });

  it('passes on what ssh says to the person', async () => {
    const said = 'channel 3: open failed: connect failed: Connection refused';
    const { passed } = await seen('debug1: Reading configuration data', said, 'Authenticated to x ([1.2.3.4]:22).');
    expect(passed).toEqual([said]);
  });
});
