/** What goes over the wire, whether a socket carries it or not. */
export interface WireRequest {
  readonly method: string;
  /** Path and query, as in the request line. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** A refusal that the caller gets to see, written in the words of the protocol it used. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;
  /** HTTP status. */
  readonly status: number;
  /** Further members of the error's body, such as `resourceIds` of an ECS conflict. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status = 400, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.members = members;
  }
}

/** Something that is about to happen in the emulated AWS. */
export interface Call {
  /** `api`: somebody called an operation. `delivery`: AWS itself hands an event, a schedule or an async invocation to a function. */
  readonly kind: 'api' | 'delivery';
  /** `ec2`, `ecs`, `lambda`, `dynamodb`, `ssm`, `secretsmanager`, `sqs`, `events`, `scheduler`, `sts`. */
  readonly service: string;
  readonly action: string;
  readonly input: unknown;
  /** Epoch milliseconds. */
  readonly at: number;
  /** The access key id that signed the request. */
  readonly caller?: string;
}

/**
 * Stands around every call. It observes; delays by waiting; fails a call by throwing an `AwsError`, before or after `proceed`
 * (anything else it throws is a broken connection); changes the answer by returning another; and, for a delivery, loses it by not
 * calling `proceed` and duplicates it by calling it twice.
 */
export type Interceptor = (call: Call, proceed: () => Promise<unknown>) => Promise<unknown>;

/** How one request's answer is written. */
export interface Reply {
  output(output: unknown): WireResponse;
  error(error: AwsError): WireResponse;
}

/** A request, understood: what it asks for and how to answer it. */
export interface Understood {
  readonly service: string;
  readonly action: string;
  /** Throws an AwsError when the body cannot be read. */
  readonly input: () => unknown;
  readonly reply: Reply;
}

export function textBody(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function bodyText(message: { readonly body: Uint8Array }): string {
  return new TextDecoder().decode(message.body);
}
