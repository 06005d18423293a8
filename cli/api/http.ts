/** One HTTP request. Node's own client takes a fifth of the time to load that fetch does. */
import type { IncomingHttpHeaders } from 'node:http';

export interface ApiRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface SendOptions {
  /** Milliseconds for name, connection and TLS. Packets that a firewall drops get no answer, ever. */
  readonly connectMs?: number;
  /** Whether to leave out the proxy that the environment names. */
  readonly isDirect?: boolean;
}

/** Lambda gives at most 6 MB, and the other services far less. */
const mostBytes = 8_000_000;

/** A reply so long that none of ours can be in it. */
export class TooLong extends Error {
  constructor() {
    super(`got more than ${mostBytes / 1_000_000} MB, expected a few kilobytes`);
    this.name = 'TooLong';
  }
}

/** The words that follow the peer's URL in the sentence about an error of `send`. */
export function deliveryFailure(error: unknown): string {
  const reason = error instanceof Error ? error.message || error.name : String(error);
  return `${error instanceof TooLong ? 'answers too much' : 'does not answer'}: ${reason}`;
}

/** An import of `node:http` would load fetch too, for one of its exports. */
const http = process.getBuiltinModule('node:http');

/** Sends a request and reads the whole reply. It follows no redirection. */
export async function send(
  { url, method, headers, body }: ApiRequest,
  timeoutMs: number,
  { connectMs = 8000, isDirect = false }: SendOptions = {},
): Promise<Reply> {
  const isPlain = url.protocol === 'http:';
  const { request } = isPlain ? http : process.getBuiltinModule('node:https');
  return new Promise((resolve, reject) => {
    const length = { 'content-length': Buffer.byteLength(body ?? '') };
    const agent = isDirect ? { agent: false } : {};
    const sent = request(url, { method, headers: { ...headers, ...length }, ...agent }, (response) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      response.on('error', reject);
      response.on('data', (part: Buffer) => {
        parts.push(part);
        bytes += part.length;
        if (bytes <= mostBytes) return;
        reject(new TooLong());
        sent.destroy();
      });
      response.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    // A timer of our own, because Node takes a while to load what an AbortSignal needs.
    const within = (milliseconds: number, missing: string) =>
      setTimeout(() => {
        reject(new Error(`got no ${missing} in ${milliseconds / 1000} s`));
        sent.destroy();
      }, milliseconds);
    const reply = within(timeoutMs, 'reply');
    const connection = within(connectMs, 'connection');
    sent.on('socket', (socket) => {
      if (!socket.connecting) clearTimeout(connection);
      else socket.once(isPlain ? 'connect' : 'secureConnect', () => clearTimeout(connection));
    });
    sent.on('close', () => {
      clearTimeout(reply);
      clearTimeout(connection);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Requests go through the proxy that the environment names. @returns false where Node cannot do it */
export function useProxy(): boolean {
  if (http.setGlobalProxyFromEnv === undefined) return false;
  http.setGlobalProxyFromEnv();
  return true;
}
