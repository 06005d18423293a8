/** A task's security groups at work: they decide about every new connection and leave established ones alone. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

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
  /** Where the agent listens. */
  readonly inside: Endpoint;
  /**
   * Decides about a connection once. AWS tracks connections, so the removal of a rule does not cut those that it allowed
   * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html).
   */
  readonly isAllowed: (sourceIp: string) => boolean;
}

/** Throws Node's own listen error (EADDRINUSE, EACCES) when the outside address is not available. */
export async function openFirewall({ outside, inside, isAllowed }: FirewallRequest): Promise<Firewall> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const sourceIp = client.remoteAddress;
    if (sourceIp === undefined || !isAllowed(sourceIp)) {
      client.resetAndDestroy();
      return;
    }
    // The connection comes from the client's own address, which the agent logs.
    const agent = connect({ ...inside, localAddress: sourceIp, allowHalfOpen: true, noDelay: true });
    for (const [from, to] of [
      [client, agent],
      [agent, client],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.resetAndDestroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroySoon();
      });
    }
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
