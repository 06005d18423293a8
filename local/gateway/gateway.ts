/**
 * An HTTP API on a socket: the template's routes, its throttles, payload format 2.0, and API Gateway's own answers. It checks
 * tokens, and no signature of AWS: every caller of a signed route counts as the user who runs it. So it serves no other user, and
 * no page but its own.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import * as v from 'valibot';
import { guard } from '../../emulator/guard.ts';
import type { InvocationResult } from '../../emulator/lambda/lambda.ts';
import { type ListeningServer, listen } from '../../emulator/listen.ts';
import { TokenBucket } from '../../emulator/token-bucket.ts';
import { splitTarget, type Target } from '../../emulator/wire.ts';
import type { Stack } from '../cloudformation/stack.ts';
import { JwtAuthorizers } from './jwt-authorizer.ts';

export interface GatewayOptions {
  readonly port: number;
  readonly accountId: string;
  /** ARN of the caller of every signed route. */
  readonly callerArn: string;
  /** The routes and their limits. Undefined until the stack is there. */
  readonly stack: () => Pick<Stack, 'routes' | 'throttle'> | undefined;
  readonly invoke: (functionArn: string, event: object) => Promise<InvocationResult>;
}

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

const maxBodyBytes = 10 * 1024 * 1024;

/** Accepts connections on 127.0.0.1. Throws a sentence when the port is taken. */
export async function serveGateway(options: GatewayOptions): Promise<ListeningServer> {
  const buckets = new Map<string, TokenBucket>();
  const authorizers = new JwtAuthorizers();

  async function answer(request: IncomingMessage): Promise<Answer> {
    const refusal = refusalOf(request);
    if (refusal !== undefined) return refused(refusal);
    const stack = options.stack();
    if (!stack) return own(503, 'Service Unavailable');
    const target = splitTarget(request.url ?? '/');
    const key = `${request.method} ${target.path}`;
    const route = stack.routes.find((one) => one.key === key);
    if (!route) return own(404, 'Not Found');
    const bucket = buckets.get(key) ?? new TokenBucket(stack.throttle.burstLimit, stack.throttle.rateLimit);
    buckets.set(key, bucket);
    if (!bucket.take(Date.now())) return own(429, 'Too Many Requests');
    const { authorizer } = route;
    const verdict =
      authorizer?.kind === 'jwt'
        ? await authorizers.check(request.headersDistinct.authorization ?? [], authorizer)
        : undefined;
    if (verdict !== undefined && 'status' in verdict) {
      return own(verdict.status, verdict.message, { 'www-authenticate': verdict.challenge });
    }
    const identity = verdict ? { jwt: verdict.identity } : authorizer && { iam: iamIdentity(options) };
    const body = await buffer(request);
    if (body.length > maxBodyBytes) return own(413, 'Request Entity Too Large');
    const result = await options.invoke(
      route.functionArn,
      payload(request, { ...target, key: route.key, body, identity, accountId: options.accountId }),
    );
    return fromFunction(result);
  }

  const server = createServer((request, response) => {
    answer(request).then(
      (reply) => send(response, reply),
      () => send(response, own(500, 'Internal Server Error')),
    );
  });
  const refusalOf = guard(server, { allowsOwnPages: true });
  return listen(server, { port: options.port, title: 'the API', portVariable: 'PORT' });
}

const iamIdentity = ({ accountId, callerArn }: Pick<GatewayOptions, 'accountId' | 'callerArn'>) => ({
  accountId,
  userArn: callerArn,
  userId: accountId,
});

interface Accepted extends Target {
  /** Method and path of the route. */
  readonly key: string;
  readonly body: Buffer;
  /** What the route's authorizer has found out. Undefined on a route that is open to everybody. */
  readonly identity: object | undefined;
  readonly accountId: string;
}

function payload(request: IncomingMessage, accepted: Accepted): object {
  const { path, query: rawQueryString, key: routeKey, body, identity, accountId } = accepted;
  const headers = Object.entries(request.headersDistinct).map(
    ([name, values = []]) => [name, values.join(',')] as const,
  );
  const { cookie, ...others } = Object.fromEntries(headers);
  const parameters = new URLSearchParams(rawQueryString);
  const query = [...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name).join(',')]);
  const isText = /^(text\/|application\/(json|javascript|xml|[\w.-]+\+(json|xml)))/.test(others['content-type'] ?? '');
  const now = new Date();
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString,
    ...(cookie !== undefined && { cookies: cookie.split(/; */) }),
    headers: others,
    ...(query.length > 0 && { queryStringParameters: Object.fromEntries(query) }),
    requestContext: {
      accountId,
      apiId: 'local',
      ...(identity && { authorizer: identity }),
      domainName: others.host ?? '',
      domainPrefix: 'local',
      http: {
        method: request.method,
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '',
        userAgent: others['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey,
      stage: '$default',
      time: now.toISOString(),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 && { body: isText ? body.toString('utf8') : body.toString('base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

const functionReply = v.object({
  statusCode: v.number(),
  headers: v.optional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])), {}),
  body: v.optional(v.string(), ''),
  isBase64Encoded: v.optional(v.boolean(), false),
});

function fromFunction(result: InvocationResult): Answer {
  if (result.functionError !== undefined) {
    const isTimeout = result.payload.includes('Sandbox.Timedout');
    return isTimeout ? own(503, 'Service Unavailable') : own(500, 'Internal Server Error');
  }
  const { statusCode, headers, body, isBase64Encoded } = v.parse(functionReply, JSON.parse(result.payload));
  return {
    statusCode,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    body: isBase64Encoded ? Buffer.from(body, 'base64') : body,
  };
}

/** An answer of API Gateway itself, in its words. */
const own = (statusCode: number, message: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  statusCode,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify({ message }),
});

/** The answer to a request that the guard refuses, in the form of the stack's errors. */
const refused = (message: string): Answer => ({
  statusCode: 403,
  headers: { 'content-type': 'application/json', 'x-request-id': randomUUID(), connection: 'close' },
  body: `${JSON.stringify({ ErrorMessage: message })}\n`,
});

function send(response: ServerResponse, { statusCode, headers, body }: Answer): void {
  response.writeHead(statusCode, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
