/**
 * Authentication of `/start` and `/stop` by the shared secret. It fails closed: after any failure the reply is the same 401, and
 * nothing has happened.
 *
 * Two schemes. Basic: the secret itself stands behind the word `Basic` (not user:password). HMAC, BastionZero's first
 * protocol: a signature over time, action and body, valid for five minutes and one use.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { InvalidRequest, Unauthenticated } from '../../core/session/errors.ts';
import type { Clock, Log, Replays, WebhookSecrets } from '../../core/session/ports.ts';
import { bodyText, type HttpEvent } from '../event.ts';

export type WebhookAction = 'start' | 'stop';

export interface AuthenticationPorts {
  readonly secrets: WebhookSecrets;
  readonly replays: Replays;
  readonly clock: Clock;
  readonly log: Log;
}

const windowMs = 300_000;

/**
 * Checks a webhook's credentials. Throws `Unauthenticated` after any failure.
 * @param hmac true when HMAC signatures are valid beside Basic
 */
export async function authenticate(
  ports: AuthenticationPorts,
  hmac: boolean,
  event: HttpEvent,
  action: WebhookAction,
): Promise<void> {
  if (await isAuthentic(ports, hmac, event, action)) return;
  throw new Unauthenticated('Authentication failed');
}

async function isAuthentic(
  ports: AuthenticationPorts,
  hmac: boolean,
  event: HttpEvent,
  action: WebhookAction,
): Promise<boolean> {
  try {
    const signature = hmac ? signatureOf(event) : undefined;
    if (signature) return await isSigned(ports, event, action, signature);
    const secret = basicSecret(event);
    return secret !== undefined && isOneOf(secret, await ports.secrets.accepted()); // a stranger makes us read no secret
  } catch (error) {
    if (error instanceof InvalidRequest) return false; // a body that cannot be read is the caller's fault
    ports.log.error('authentication could not be checked, so it failed', { error });
    return false;
  }
}

async function isSigned(
  ports: AuthenticationPorts,
  event: HttpEvent,
  action: WebhookAction,
  { timestamp, hex }: Signature,
): Promise<boolean> {
  const signedAt = Number(timestamp) * 1000;
  if (Math.abs(ports.clock.now() - signedAt) > windowMs) return false;
  const secrets = await ports.secrets.accepted();
  const expected = secrets.flatMap((secret) => signatures(secret, timestamp, action, event));
  // The note outlasts the last moment at which the signature is valid, even when two clocks differ.
  return isOneOf(hex, expected) && ports.replays.isFirstUse(hex, signedAt + 2 * windowMs);
}

/** The word behind `Basic`, in `Authorization` or `Authentication`, or undefined when neither or both headers are there. */
function basicSecret({ headers }: HttpEvent): string | undefined {
  const given = [headers.authorization, headers.authentication].filter((value) => value !== undefined);
  if (given.length !== 1) return undefined;
  return /^basic +(\S+)\s*$/i.exec(given[0] ?? '')?.[1];
}

interface Signature {
  /** Epoch seconds, as sent. */
  readonly timestamp: string;
  readonly hex: string;
}

function signatureOf({ headers }: HttpEvent): Signature | undefined {
  const timestamp = /^[0-9]{1,11}$/.exec(headers['x-timestamp'] ?? '')?.[0];
  const hex = /^[0-9a-f]{64}$/i.exec(headers['x-signature'] ?? '')?.[0];
  return timestamp !== undefined && hex !== undefined ? { timestamp, hex: hex.toLowerCase() } : undefined;
}

/** The valid signatures of the request: over its compact JSON, and over its body as it came. */
function signatures(secret: string, timestamp: string, action: WebhookAction, event: HttpEvent): string[] {
  const key = [timestamp, action, 'bzero_request'].reduce<Buffer>(hmac, Buffer.from(`BZERO${secret}`, 'utf8'));
  const body = bodyText(event);
  return [compactJson(body), body].flatMap((text) => {
    if (text === undefined) return [];
    const hash = createHash('sha256').update(text, 'utf8').digest('hex');
    const toSign = `HMAC-SHA256\n${timestamp}\n${action}/bzero_request\n${hash}`;
    return [hmac(key, toSign).toString('hex')];
  });
}

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text, 'utf8').digest();

/** The text as Python's `json.dumps` with compact separators writes it, or undefined for text that is not JSON. */
function compactJson(text: string): string | undefined {
  try {
    const compact = JSON.stringify(JSON.parse(text));
    return compact.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  } catch {
    return undefined;
  }
}

/** Compares in constant time: the time depends neither on the first difference nor on which of them matches. */
function isOneOf(given: string, expected: readonly string[]): boolean {
  const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest();
  const own = digest(given);
  return expected.map((one) => timingSafeEqual(own, digest(one))).includes(true);
}
