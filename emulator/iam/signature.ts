/** Signature Version 4. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
import { createHmac, hash } from 'node:crypto';
import { splitTarget, type WireRequest } from '../wire.ts';

/** The parts of an `Authorization` header. */
export interface Authorization {
  readonly accessKeyId: string;
  /** The date, region and service: `20260101/us-east-1/dynamodb/aws4_request`. */
  readonly scope: string;
  /** The names of the signed headers, in lower case and sorted. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const algorithm = 'AWS4-HMAC-SHA256';

/** Parses the `Authorization` header, or returns undefined if it has another form. */
export function readAuthorization({ headers }: WireRequest): Authorization | undefined {
  const [, accessKeyId, scope, signedHeaders, signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/([^,\s]+), *SignedHeaders=([^,\s]+), *Signature=([0-9a-f]+)$/.exec(
      headers.authorization ?? '',
    ) ?? [];
  if (accessKeyId === undefined || scope === undefined || signedHeaders === undefined || signature === undefined) {
    return undefined;
  }
  return { accessKeyId, scope, signedHeaders: signedHeaders.split(';'), signature };
}

/** Returns the signature of the request with this secret access key, in hex. */
export function signatureOf(
  request: WireRequest,
  { scope, signedHeaders }: Pick<Authorization, 'scope' | 'signedHeaders'>,
  secret: string,
): string {
  const { path, query } = splitTarget(request.path);
  const canonicalRequest = [
    request.method,
    path.split('/').map(encode).join('/'),
    [...new URLSearchParams(query)]
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .sort()
      .join('&'),
    ...signedHeaders.map((name) => `${name}:${(request.headers[name] ?? '').trim().replaceAll(/ +/g, ' ')}`),
    '',
    signedHeaders.join(';'),
    hash('sha256', request.body),
  ].join('\n');
  const hashed = hash('sha256', canonicalRequest);
  const textToSign = [algorithm, request.headers['x-amz-date'] ?? '', scope, hashed].join('\n');
  return hmac(signingKeyOf(secret, scope), textToSign).toString('hex');
}

const maxSigningKeys = 1000;
const signingKeys = new Map<string, Buffer>();

/** Derives the key that signs requests in this scope, or returns it again. It is the same for a whole day. */
function signingKeyOf(secret: string, scope: string): Buffer {
  const name = `${secret} ${scope}`;
  const known = signingKeys.get(name);
  if (known !== undefined) return known;
  const key = scope.split('/').reduce<Buffer>((parent, part) => hmac(parent, part), Buffer.from(`AWS4${secret}`));
  if (signingKeys.size >= maxSigningKeys) signingKeys.clear();
  signingKeys.set(name, key);
  return key;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
