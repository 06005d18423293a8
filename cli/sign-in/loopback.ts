/**
 * The place on this machine where the browser brings the answer of the identity provider. Any web page and any program of this
 * machine may ask there too, so only a request with the state of this sign-in counts.
 * https://datatracker.ietf.org/doc/html/rfc8252#section-7.3
 */
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { hasCode } from '../state/files.ts';
import { CliError, exitCodes } from '../terminal/errors.ts';

export interface Answer {
  readonly parameters: URLSearchParams;
  /** Shows the person in the browser how it went. Resolves once that is sent. */
  show(title: string, text: string): Promise<void>;
}

export interface Loopback extends AsyncDisposable {
  /** With the port. */
  readonly redirectUri: string;
  /** Resolves with the first answer that bears the state. */
  answerTo(state: string): Promise<Answer>;
}

/** The addresses that a browser may take for a name of this machine. */
const addresses: Readonly<Record<string, readonly string[]>> = {
  '127.0.0.1': ['127.0.0.1'],
  '[::1]': ['::1'],
  localhost: ['127.0.0.1', '::1'],
};

/**
 * Accepts connections from this machine alone.
 * @param wanted as the client is registered. Without a port it gets a free one
 * @throws CliError when the port is taken, or `wanted` is elsewhere
 */
export async function openLoopback(wanted: string): Promise<Loopback> {
  const url = new URL(wanted);
  const [first, ...others] = addresses[url.hostname] ?? [];
  if (url.protocol !== 'http:' || first === undefined) {
    throw new CliError(
      `The deployment wants the answer of its identity provider at ${wanted}, expected a place on this machine such as http://127.0.0.1/callback. Tell its operator.`,
      exitCodes.failed,
    );
  }
  let listener: RequestListener = (_request, response) => void send(response, 404, 'Not here', '');
  const servers: Server[] = [];
  const open = async (address: string, port: number) => {
    const server = createServer((request, response) => listener(request, response));
    await listenAt(server, address, port);
    servers.push(server);
    const bound = server.address();
    return typeof bound === 'object' && bound !== null ? bound.port : port;
  };
  const close = async () => {
    await Promise.all(servers.map((server) => closed(server)));
  };
  try {
    // A URL of http with the port 80 has none.
    const port = await open(first, /:80(\/|$)/.test(wanted) ? 80 : Number(url.port));
    for (const address of others) {
      await open(address, port).catch((error: unknown) => {
        // A machine without IPv6 has no such address.
        if (!hasCode(error, 'EADDRNOTAVAIL', 'EAFNOSUPPORT')) throw error;
      });
    }
    url.port = `${port}`;
  } catch (error) {
    await close();
    if (!hasCode(error, 'EADDRINUSE', 'EACCES')) throw error;
    throw new CliError(
      `The port of ${wanted}, where your identity provider sends the browser, is taken. End the program that has it, or sign in with --device.`,
      exitCodes.failed,
      { cause: error },
    );
  }
  return {
    redirectUri: url.href,
    answerTo: (state) =>
      new Promise((resolve) => {
        let isAnswered = false;
        listener = (request, response) => {
          const asked = URL.canParse(request.url ?? '', url.origin)
            ? new URL(request.url ?? '', url.origin)
            : undefined;
          if (request.method !== 'GET' || asked?.pathname !== url.pathname) return send(response, 404, 'Not here', '');
          if (asked.searchParams.get('state') !== state) {
            return send(response, 400, 'Not this sign-in', 'The terminal waits for another answer. Begin again there.');
          }
          if (isAnswered) return send(response, 409, 'Used already', 'This answer has been taken.');
          isAnswered = true;
          resolve({ parameters: asked.searchParams, show: (title, text) => send(response, 200, title, text) });
        };
      }),
    [Symbol.asyncDispose]: close,
  };
}

/** Fails instead of sharing the port with another program. */
function listenAt(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, resolve);
  });
}

/** A browser keeps connections open that it does not use. */
function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** Resolves once the page is on its way, or the browser has gone. */
function send(response: ServerResponse, status: number, title: string, text: string): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', resolve);
    response.writeHead(status, headers).end(page(escaped(title), escaped(text)), resolve);
  });
}

/** No cache keeps the page, and its address, which holds the code, goes to nobody. */
const headers = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  connection: 'close',
} as const;

const page = (title: string, text: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>:root { color-scheme: light dark } body { font: 1rem/1.5 system-ui; max-width: 30rem; margin: 4rem auto; padding: 0 1rem }</style>
<h1>${title}</h1>
<p>${text}</p>
`;

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => `&#${char.codePointAt(0)};`);
