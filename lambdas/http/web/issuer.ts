/** How people sign in, as the issuer's discovery document says it. https://openid.net/specs/openid-connect-discovery-1_0.html */
import * as v from 'valibot';
import type { WebConfig } from '../../../contracts/sign-in.ts';
import { IssuerUnusable } from '../../core/session/errors.ts';
import type { Clock } from '../../core/session/ports.ts';
import { shown } from '../../core/session/shown.ts';

export interface IssuerSettings {
  readonly issuer: string;
  readonly clientId: string;
  /** Audience of the tokens, where it is another than the client. */
  readonly audience: string | undefined;
  /** Scopes that the routes require. */
  readonly scopes: readonly string[];
  /** Where the command waits for the answer, where that is another than the usual place. */
  readonly redirectUri?: string | undefined;
}

export interface IssuerPorts {
  readonly clock: Clock;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
}

/** A document stays good for an hour, and a failure for ten seconds: the route is open, and must not become a hammer. */
const keptMs = { good: 3_600_000, bad: 10_000 } as const;
const timeoutMs = 5000;
const mostBytes = 256 * 1024;

/** Scopes that every OpenID provider knows: the token then has the person's address. */
const usualScopes = ['openid', 'email', 'profile'];

const endpoint = v.pipe(
  v.string(),
  v.url(),
  v.regex(/^(https:\/\/|http:\/\/(127\.0\.0\.1|localhost)[:/])/, 'expected an https URL'),
);

const discoveryDocument = v.object({
  issuer: v.string(),
  authorization_endpoint: endpoint,
  token_endpoint: endpoint,
  device_authorization_endpoint: v.exactOptional(endpoint),
  end_session_endpoint: v.exactOptional(endpoint),
  id_token_signing_alg_values_supported: v.array(v.string()),
});

/** Returns a function that tells how people sign in, and rejects with `IssuerUnusable` while the issuer does not say it. */
export function signInAt(settings: IssuerSettings, { clock, fetch }: IssuerPorts): () => Promise<WebConfig> {
  let answer: Promise<WebConfig> | undefined;
  let until = 0;
  return () => {
    if (answer === undefined || clock.now() >= until) {
      until = clock.now() + keptMs.good;
      answer = readConfig(settings, fetch);
      answer.catch(() => {
        until = Math.min(until, clock.now() + keptMs.bad);
      });
    }
    return answer;
  };
}

async function readConfig(settings: IssuerSettings, fetch: IssuerPorts['fetch']): Promise<WebConfig> {
  const { issuer, clientId, audience, scopes, redirectUri } = settings;
  const document = parseDocument(issuer, await readDocument(issuer, fetch));
  const { device_authorization_endpoint: deviceAuthorization, end_session_endpoint: endSession } = document;
  return {
    signIn: 'oidc',
    issuer,
    clientId,
    scopes: [...usualScopes, ...scopes],
    token: scopes.length === 0 ? 'id' : 'access',
    ...(audience !== undefined && audience !== clientId && { audience }),
    ...(redirectUri !== undefined && { redirectUri }),
    endpoints: {
      authorization: document.authorization_endpoint,
      token: document.token_endpoint,
      ...(deviceAuthorization !== undefined && { deviceAuthorization }),
      ...(endSession !== undefined && { endSession }),
    },
  };
}

async function readDocument(issuer: string, fetch: IssuerPorts['fetch']): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  try {
    // A redirect could lead anywhere.
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
    if (response.status !== 200) throw new IssuerUnusable(`${url} answered with ${response.status}, expected 200.`);
    return await boundedText(response);
  } catch (error) {
    if (error instanceof IssuerUnusable) throw error;
    throw new IssuerUnusable(`The identity provider does not answer at ${url}. Try again.`, { cause: error });
  }
}

async function boundedText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > mostBytes) throw new IssuerUnusable(`The discovery document is longer than ${mostBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseDocument(issuer: string, text: string): v.InferOutput<typeof discoveryDocument> {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), discoveryDocument), text);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const where = v.getDotPath(issue) ?? 'the document';
    throw new IssuerUnusable(`The discovery document of ${issuer} is wrong. ${where}: ${shown(issue.message, 200)}`);
  }
  const { issuer: ownName, id_token_signing_alg_values_supported: algorithms } = parsed.output;
  if (ownName !== issuer) {
    throw new IssuerUnusable(
      `The discovery document of ${issuer} is for ${shown(ownName, 200)}. Set oidcIssuer to the name in the document.`,
    );
  }
  if (!algorithms.some((algorithm) => /^(RS|PS)(256|384|512)$/.test(algorithm))) {
    throw new IssuerUnusable(
      `${issuer} signs with ${shown(algorithms.join(', '), 80)}. API Gateway checks tokens signed with RSA alone, such as RS256.`,
    );
  }
  return parsed.output;
}
