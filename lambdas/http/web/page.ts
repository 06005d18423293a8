/** The page's routes, which everybody may read: `GET /web`, `GET /web/config`. */
import { gzipSync } from 'node:zlib';
import * as v from 'valibot';
import { type Limits, type PageConfig, pageRoutes, type WebConfig } from '../../../contracts/sign-in.ts';
import type { Log } from '../../core/session/ports.ts';
import { queryOf } from '../query.ts';
import { type HttpHandler, httpHandler, json } from '../replies.ts';
import { documentOf, headersOf, type PageParts, plainHeaders } from './document.ts';

export interface PageSettings {
  readonly parts: PageParts;
  readonly limits: Limits;
  /** Audience of the tokens of workloads. Undefined without a CI service. */
  readonly ciAudience?: string | undefined;
}

/** How people sign in, as the issuer says it now. Rejects with `IssuerUnusable` while it does not say it. */
export type SignIn = () => Promise<WebConfig>;

const noQuery = v.object({});

export function webHandler(
  ports: { readonly log: Log; readonly signIn: SignIn },
  { parts, limits, ciAudience }: PageSettings,
): HttpHandler {
  const body = documentOf(parts);
  // API Gateway does not compress by itself.
  const gzipped = gzipSync(body, { level: 9 }).toString('base64');
  return httpHandler(ports, async (event, { log, signIn }) => {
    if (event.routeKey === pageRoutes.config) {
      queryOf(event, noQuery);
      const ci = ciAudience !== undefined && { ci: { audience: ciAudience } };
      return json(200, { ...(await signIn()), ...ci, limits } satisfies PageConfig, plainHeaders);
    }
    // The issuer returns here with a query, which the page reads. Without the issuer the page still says what is wrong.
    const connectOrigins = await signIn().then(originsOf, (error: unknown) => {
      log.error('page sent without sign-in', { error });
      return [];
    });
    const headers = { ...headersOf(parts, connectOrigins), vary: 'accept-encoding' };
    if (!/\bgzip\b/.test(event.headers['accept-encoding'] ?? '')) return { statusCode: 200, headers, body };
    return {
      statusCode: 200,
      headers: { ...headers, 'content-encoding': 'gzip' },
      body: gzipped,
      isBase64Encoded: true,
    };
  });
}

/** The origins that the page calls by itself. The browser goes to the others as to any other page. */
const originsOf = (config: WebConfig): string[] =>
  config.signIn === 'none' ? [] : [new URL(config.endpoints.token).origin];
