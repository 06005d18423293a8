/**
 * API Gateway's JWT authorizer. It checks a token in this order: the identity source, the decoding, the algorithm and the
 * signature by the issuer's published keys, then the claims `kid`, `iss`, `aud` or else `client_id`, `exp`, `nbf`, `iat`, and `scope`
 * or `scp`.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html#http-api-jwt-authorizer.evaluation
 */
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import * as v from 'valibot';
import type { JwtAuthorizer } from '../cloudformation/stack.ts';

/** What a function gets to know about the caller. */
export interface JwtIdentity {
  readonly claims: Readonly<Record<string, string>>;
  readonly scopes: readonly string[] | null;
}

export type Verdict =
  | { readonly identity: JwtIdentity }
  | { readonly status: 401 | 403; readonly message: string; readonly challenge: string };

/** RSA alone: https://datatracker.ietf.org/doc/html/rfc7518#section-3.1 */
const algorithms = ['RS256', 'RS384', 'RS512'];

const discovery = v.object({ issuer: v.string(), jwks_uri: v.pipe(v.string(), v.url()) });

/** Checks tokens, and remembers the keys of each issuer. */
export class JwtAuthorizers {
  readonly #keys = new Map<string, Promise<JWTVerifyGetKey>>();

  /** @param headers the values of every header `Authorization` of the request */
  async check(headers: readonly string[], authorizer: JwtAuthorizer): Promise<Verdict> {
    // API Gateway joins the values of a repeated header.
    const [, token] = /^(?:Bearer )?(\S+)$/i.exec(headers.join(',')) ?? [];
    if (token === undefined) return { status: 401, message: 'Unauthorized', challenge: 'Bearer' };
    try {
      const claims = await this.#claimsOf(token, authorizer);
      const own = scopesOf(claims);
      const granted = authorizer.scopes.filter((scope) => own.includes(scope));
      if (authorizer.scopes.length > 0 && granted.length === 0) {
        const challenge = `Bearer scope="${authorizer.scopes.join(' ')}" error="insufficient_scope"`;
        return { status: 403, message: 'Forbidden', challenge };
      }
      return { identity: { claims: asTexts(claims), scopes: authorizer.scopes.length > 0 ? own : null } };
    } catch (error) {
      if (!(error instanceof errors.JOSEError || error instanceof WrongToken)) throw error;
      const reason = error.message.replaceAll('"', "'");
      const challenge = `Bearer scope="" error="invalid_token" error_description="${reason}"`;
      return { status: 401, message: 'Unauthorized', challenge };
    }
  }

  async #claimsOf(token: string, { issuer, audiences }: JwtAuthorizer): Promise<JWTPayload> {
    const keys = await this.#keysOf(issuer);
    const { payload, protectedHeader } = await jwtVerify(token, keys, { algorithms, issuer, requiredClaims: ['exp'] });
    if (protectedHeader.kid === undefined) throw new WrongToken('the token has no kid');
    const isFor = (one: unknown) => typeof one === 'string' && audiences.includes(one);
    const recipients = payload.aud ?? payload.client_id;
    if (![recipients].flat().some(isFor)) throw new WrongToken('the token does not have a valid audience');
    if (payload.iat !== undefined && payload.iat > Date.now() / 1000)
      throw new WrongToken('the token is from the future');
    return payload;
  }

  #keysOf(issuer: string): Promise<JWTVerifyGetKey> {
    const known = this.#keys.get(issuer);
    if (known !== undefined) return known;
    const keys = discoverKeys(issuer);
    this.#keys.set(issuer, keys);
    keys.catch(() => this.#keys.delete(issuer));
    return keys;
  }
}

/** https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig */
async function discoverKeys(issuer: string): Promise<JWTVerifyGetKey> {
  const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    redirect: 'error',
    signal: AbortSignal.timeout(5000),
  });
  const document = v.parse(discovery, await response.json());
  if (document.issuer !== issuer) {
    throw new Error(`The issuer ${issuer} calls itself ${document.issuer}, expected the same, to the letter.`);
  }
  return createRemoteJWKSet(new URL(document.jwks_uri));
}

/** A token that is signed as it should be, and is not for here. */
class WrongToken extends Error {
  override readonly name = 'WrongToken';
}

/** The scopes of a token: `scope` as text, as OAuth has it, or `scp` as a list or text. */
function scopesOf({ scope, scp }: JWTPayload): readonly string[] {
  const value = scope ?? scp;
  const texts = Array.isArray(value) ? value : [value];
  return texts.flatMap((one) => (typeof one === 'string' ? one.split(' ').filter((item) => item !== '') : []));
}

/**
 * The claims as a function gets them: all as text, a list as `[a b]`, an object as JSON, and none that is null. AWS does not
 * document it. https://github.com/floci-io/floci/pull/2011 has measured it.
 */
function asTexts(claims: JWTPayload): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(claims)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]) => [name, asText(value)]),
  );
}

function asText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(asText).join(' ')}]`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
