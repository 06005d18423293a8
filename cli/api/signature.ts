/**
 * AWS Signature Version 4. The libraries for it build on fetch, which takes Node longer to load than
 * the whole of this command.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHash, createHmac } from 'node:crypto';
import type { Credentials } from './credentials.ts';
import type { ApiRequest } from './http.ts';

/** @returns the request with the headers that prove its sender */
export type Sign = (request: ApiRequest) => ApiRequest;

/** The service and the region that a signature is for. API Gateway's service is `execute-api`. */
export interface SigningScope {
  readonly region: string;
  readonly service: string;
}

const algorithm = 'AWS4-HMAC-SHA256';

export const signer =
  (credentials: Credentials, { region, service }: SigningScope, now: () => Date = () => new Date()): Sign =>
  (request) => {
    const date = now()
      .toISOString()
      .replaceAll(/[-:]|\.\d{3}/g, '');
    const scope = `${date.slice(0, 8)}/${region}/${service}/aws4_request`;
    const signed = {
      host: request.url.host,
      'x-amz-date': date,
      ...(credentials.sessionToken !== undefined && { 'x-amz-security-token': credentials.sessionToken }),
    };
    const names = Object.keys(signed).join(';');
    const canonical = [
      request.method,
      request.url.pathname.split('/').map(encoded).join('/'),
      canonicalQuery(request.url),
      ...Object.entries(signed).map(([name, value]) => `${name}:${value}`),
      '',
      names,
      sha256(request.body ?? ''),
    ].join('\n');
    const key = [date.slice(0, 8), region, service, 'aws4_request'].reduce<string | Buffer>(
      (secret, part) => hmac(secret, part).digest(),
      `AWS4${credentials.secretAccessKey}`,
    );
    const signature = hmac(key, [algorithm, date, scope, sha256(canonical)].join('\n')).digest('hex');
    const authorization = `${algorithm} Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
    return { ...request, headers: { ...request.headers, ...signed, authorization } };
  };

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function canonicalQuery(url: URL): string {
  const pairs = [...url.searchParams].map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
  return pairs.sort().join('&');
}

/** As RFC 3986 has it. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
