/** The page's routes, which everybody may read: `GET /web`, `GET /web/config`. */
import * as v from 'valibot';
import type { Limits, PageConfig, WebConfig } from '../../../contracts/sign-in.ts';
import { pageRoutes } from '../../../contracts/sign-in.ts';
import type { Log } from '../../core/session/ports.ts';
import { queryOf } from '../query.ts';
import { type HttpHandler, httpHandler, json, type Reply } from '../replies.ts';
import { documentOf, headersOf, type PageParts, plainHeaders } from './document.ts';

export interface PageSettings {
  readonly parts: PageParts;
  readonly limits: Limits;
}

/** How people sign in, as the issuer says it now. Rejects with `IssuerUnusable` while it does not say it. */
export type SignIn = () => Promise<WebConfig>;

const noQuery = v.object({});

export function webHandler(
  ports: { readonly log: Log; readonly signIn: SignIn },
  { parts, limits }: PageSettings,
): HttpHandler {
  const body = documentOf(parts);
  return httpHandler(ports, async (event, { log, signIn }) => {
    if (event.routeKey === pageRoutes.config) {
      queryOf(event, noQuery);
      return json(200, { ...(await signIn()), limits } satisfies PageConfig, plainHeaders);
    }
    // The issuer returns here with a query, which the page reads. Without the issuer the page still says what is wrong.
    const connectOrigins = await signIn().then(originsOf, (error: unknown) => {
      log.error('page sent without sign-in', { error });
      return [];
    });
    return { statusCode: 200, headers: headersOf(parts, connectOrigins), body } satisfies Reply;
  });
}

/** The origins that the page calls by itself. The browser goes to the others as to any other page. */
const originsOf = (config: WebConfig): string[] =>
  config.signIn === 'none' ? [] : [new URL(config.endpoints.token).origin];
