/** An API that gives one reply after the other, the last one for ever, and keeps the requests. */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import type { SessionView } from '../../contracts/api.ts';
import { listen } from '../../emulator/listen.ts';

export interface ScriptedReply {
  readonly status: number;
  /** A text is sent as it is. */
  readonly body: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ScriptedApi extends AsyncDisposable {
  readonly url: string;
  /** Method, path and body of each request. */
  readonly requests: readonly string[];
}

export async function startScriptedApi(...replies: readonly ScriptedReply[]): Promise<ScriptedApi> {
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    const { status, body, headers } = replies[Math.min(requests.length, replies.length - 1)] ?? {
      status: 500,
      body: {},
    };
    requests.push(`${request.method} ${request.url} ${await text(request)}`.trim());
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  const { url, close } = await listen(server, { port: 0, title: 'the scripted API', portVariable: 'PORT' });
  return { url, requests, [Symbol.asyncDispose]: close };
}

/** A session that runs, with the given changes. */
export const runningSession = (changes: Partial<SessionView>): SessionView => ({
  sessionId: '30c420bb-66a2-4546-835e-f7c9aff1a66c',
  user: 'ann',
  state: 'running',
  host: '127.0.0.1',
  port: 1,
  login: 'ann',
  keyFingerprint: 'SHA256:none',
  hostKeys: ['ssh-ed25519 AAAA'],
  allowedCidrs: ['127.0.0.1/32'],
  createdAt: '2026-11-20T12:00:00Z',
  expiresAt: '2099-11-20T13:00:00Z',
  ...changes,
});
