/** A task's security groups at work: every new connection is asked about, established ones are left alone. */
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
  /** Where the agent really listens. */
  readonly inside: Endpoint;
  /** Asked once per connection, as AWS tracks connections: a rule that goes away does not cut one it let in
   *  (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html). */
  readonly admits: (sourceIp: string) => boolean;
}

/** Throws Node's own listen error (EADDRINUSE, EACCES) when the outside address cannot be had. */
export async function openFirewall({ outside, inside, admits }: FirewallRequest): Promise<Firewall> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const sourceIp = client.remoteAddress;
    if (sourceIp === undefined || !admits(sourceIp)) {
      client.resetAndDestroy();
      return;
    }
    // From the client's own address, so that the agent's log says who it was.
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
