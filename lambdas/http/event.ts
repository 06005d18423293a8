/** An HTTP API request (payload format 2.0), parsed: the facts that API Gateway vouches for, and what the caller sent. */
import { isIPv4, isIPv6 } from 'node:net';
import * as v from 'valibot';
import { InvalidRequest } from '../core/session/errors.ts';

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
const httpEvent = v.object({
  routeKey: v.string(),
  headers: v.record(v.string(), v.string()),
  rawQueryString: v.optional(v.string(), ''),
  queryStringParameters: v.optional(v.record(v.string(), v.string()), {}),
  body: v.optional(v.string(), ''),
  isBase64Encoded: v.boolean(),
  requestContext: v.object({
    requestId: v.string(),
    /** The moment at which API Gateway received the request, epoch milliseconds. */
    timeEpoch: v.number(),
    http: v.object({ method: v.string(), sourceIp: v.string() }),
    /** What the authorizer of the route has checked. Every claim is text there. */
    authorizer: v.optional(
      v.object({
        iam: v.optional(v.object({ userArn: v.string() })),
        jwt: v.optional(v.object({ claims: v.record(v.string(), v.unknown()) })),
      }),
    ),
  }),
});

export type HttpEvent = v.InferOutput<typeof httpEvent>;

export const parseEvent = (event: unknown): HttpEvent => v.parse(httpEvent, event);

const maxBodyBytes = 16 * 1024;

/** Throws `InvalidRequest` for a body that is longer than 16 KiB. */
export function bodyBytes(event: HttpEvent): Buffer {
  const bytes = Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > maxBodyBytes) {
    throw new InvalidRequest(`The body has ${bytes.length} bytes; at most ${maxBodyBytes} are accepted. Send less.`);
  }
  return bytes;
}

/** The body as text. Throws `InvalidRequest` when it is longer than 16 KiB or not UTF-8. */
export function bodyText(event: HttpEvent): string {
  const bytes = bodyBytes(event);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InvalidRequest('The body is not UTF-8 text. Send it as UTF-8.');
  }
}

/** The caller's address as API Gateway saw it, as a CIDR block of one address. */
export function callerCidr(event: HttpEvent): string {
  const { sourceIp } = event.requestContext.http;
  if (isIPv4(sourceIp)) return `${sourceIp}/32`;
  if (isIPv6(sourceIp)) return `${new URL(`http://[${sourceIp}]`).hostname.slice(1, -1)}/128`; // the shortest form, as EC2 keeps it
  throw new Error(`API Gateway gave "${sourceIp}" as the source address, expected an IPv4 or IPv6 address.`);
}

/** A claim of the checked token, or undefined if it has none of that name. */
export function claimOf({ requestContext }: HttpEvent, name: string): string | undefined {
  const claims = requestContext.authorizer?.jwt?.claims ?? {};
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}
