/** A request as it goes over the wire, with or without a socket. */
export interface WireRequest {
  readonly method: string;
  /** The path and the query, as in the request line. */
  readonly path: string;
  /** The headers, with names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Whether the request comes from a task's network, where only the signature of a task counts. Default false. */
  readonly isFromTask?: boolean;
}

/** A response as it goes over the wire, with or without a socket. */
export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** A refusal. The caller sees it in the form of the protocol that it used. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;
  /** The HTTP status. */
  readonly status: number;
  /** More members of the error's body, such as `resourceIds` of an ECS conflict. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status = 400, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.members = members;
  }
}

/** A call that an interceptor surrounds. */
export interface Call {
  /** A call of an operation, or the delivery of an event, a schedule or an asynchronous invocation to a function. */
  readonly kind: 'api' | 'delivery';
  /** The service by its name in `aws.operations`, or `scheduler`. */
  readonly service: string;
  readonly action: string;
  readonly input: unknown;
  /** The time of the call, in epoch milliseconds. */
  readonly at: number;
  /** The access key id that signed the request. A delivery has none. */
  readonly caller?: string;
}

/**
 * Surrounds every call. It returns `proceed()`, and may
 * - wait first, which delays the call,
 * - throw an `AwsError` before or after `proceed()`, which fails the call without or with its effect,
 * - throw any other error, which breaks the connection,
 * - return another answer,
 * - lose a delivery by not calling `proceed`, or duplicate it by calling it twice.
 */
export type Interceptor = (call: Call, proceed: () => Promise<unknown>) => Promise<unknown>;

/** Writes the answer to one request. */
export interface Reply {
  output(output: unknown): WireResponse;
  error(error: AwsError): WireResponse;
}

/** A request whose protocol is understood: its service and action, its members, and the form of its answer. */
export interface Understood {
  readonly service: string;
  readonly action: string;
  /** The code with which the protocol refuses an operation that the service has not. */
  readonly unknownOperationCode: string;
  /** Returns the request's members. Throws an AwsError if the body cannot be read. */
  readonly input: () => unknown;
  readonly reply: Reply;
}

const decoder = new TextDecoder();

/** Returns the text as UTF-8. */
export function textBody(text: string): Uint8Array {
  return Buffer.from(text);
}

/** Returns the body as text. */
export function bodyText(message: { readonly body: Uint8Array }): string {
  return decoder.decode(message.body);
}

/** A request target in its two parts. */
export interface Target {
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
}

/** Splits a request target at its first question mark. `URL` would take what follows `//` for a host. */
export function splitTarget(target: string): Target {
  const at = target.indexOf('?');
  return at < 0 ? { path: target, query: '' } : { path: target.slice(0, at), query: target.slice(at + 1) };
}
