/** A task's security groups at work: they decide about every new connection and leave established ones alone. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { Connection } from '../../emulator/peer.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface Firewall {
  /** Stops listening and closes every connection. */
  close(): Promise<void>;
}

export interface FirewallRequest {
  /** Where clients connect to. */
  readonly outside: Endpoint;
  /** Where the agent listens. Clients wait for it. A promise that is never kept leaves them waiting. */
  readonly inside: Promise<Endpoint>;
  /**
   * The address that the agent sees and logs. `client`: the client's own, which takes an agent on the loopback interface.
   * `machine`: this machine's address on the agent's network.
   */
  readonly source: 'client' | 'machine';
  /**
   * Decides about a connection once. AWS tracks connections, so the removal of a rule does not cut those that it allowed
   * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html).
   */
  readonly isAllowed: (sourceIp: string, client: Connection) => boolean;
}

/** Throws Node's own listen error (EADDRINUSE, EACCES) when the outside address is not available. */
export async function openFirewall({ outside, inside, source, isAllowed }: FirewallRequest): Promise<Firewall> {
  const sockets = new Set<Socket>();
  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const sourceIp = client.remoteAddress;
    if (sourceIp === undefined || !isAllowed(sourceIp, client)) {
      client.resetAndDestroy();
      return;
    }
    track(client);
    void inside.then((endpoint) => {
      if (client.destroyed) return;
      const localAddress = source === 'client' ? { localAddress: sourceIp } : {};
      const agent = connect({ ...endpoint, ...localAddress, allowHalfOpen: true, noDelay: true });
      track(agent);
      join(client, agent);
    });
  });
  server.listen({ host: outside.host, port: outside.port });
  await once(server, 'listening');

  return {
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** Connects two sockets to each other, also in the way they end. */
function join(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to);
    from.on('error', () => to.resetAndDestroy());
    from.on('close', () => to.destroySoon());
  }
}
