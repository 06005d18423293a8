/** The HTTP API, as the page calls it. Every reply is parsed by the contract. */
import * as v from 'valibot';
import {
  callerAddressHeader,
  errorBody,
  routes,
  type SessionList,
  type SessionState,
  type SessionView,
  sessionList,
  sessionView,
} from '../../contracts/api.ts';
import { type PageConfig, pageConfig, pageRoutes, personRoutes } from '../../contracts/sign-in.ts';
import { gatewaySentence, noAnswer, notTheApi, Refused, SignedOut } from './errors.ts';

/** Facts that every reply carries. */
export interface ReplyFacts {
  /** The caller's address as API Gateway saw it. */
  readonly callerAddress: string | undefined;
  /** The server's clock, which counts for the countdown. */
  readonly serverNow: number | undefined;
}

export interface StartQuery {
  readonly publicKey?: string;
  readonly ttl?: string;
}

export interface HistoryQuery {
  readonly user?: string;
  readonly state?: SessionState;
  readonly next?: string;
  readonly limit?: number;
}

export interface Api {
  /** The live bastion, or undefined. */
  look(): Promise<SessionView | undefined>;
  /** Starts, finds, extends or moves, and waits for nothing. */
  start(query: StartQuery): Promise<SessionView>;
  /** @param user whom an admin acts for */
  stop(user?: string): Promise<void>;
  history(query: HistoryQuery): Promise<SessionList>;
}

/**
 * Gives the token for a request. Rejects with `SignedOut` when there is none.
 * @param refused a token that the API has refused, so that another one is wanted
 */
export type TokenSource = (refused?: string) => Promise<string>;

export interface ApiOptions {
  /** Undefined where the deployment knows the caller otherwise. */
  readonly token: TokenSource | undefined;
  readonly onReply: (facts: ReplyFacts) => void;
}

const timeoutMs = 30_000;

export function apiClient({ token, onReply }: ApiOptions): Api {
  const paths = token === undefined ? routes : personRoutes;
  const call = async (route: string, query: Readonly<Record<string, string | undefined>> = {}, body?: string) => {
    const send = (bearer: string | undefined) =>
      request(route, query, {
        headers: { accept: 'application/json', ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }) },
        ...(body !== undefined && { body }),
      });
    const bearer = await token?.();
    const first = await send(bearer);
    // A token may end sooner than the issuer has said, and a clock may be wrong.
    const response = first.status === 401 && token !== undefined ? await send(await token(bearer)) : first;
    onReply(factsOf(response));
    return answerOf(response, bearer !== undefined);
  };
  return {
    async look() {
      const found = await call(paths.look).catch((error: unknown) => {
        if (error instanceof Refused && error.status === 404) return undefined;
        throw error;
      });
      return found === undefined ? undefined : parsed(sessionView, found);
    },
    async start({ publicKey, ttl }) {
      return parsed(sessionView, await call(paths.start, { ttl, wait: '0' }, publicKey ?? ''));
    },
    async stop(user) {
      await call(paths.stop, { user });
    },
    async history({ user, state, next, limit = 20 }) {
      return parsed(sessionList, await call(paths.list, { user, state, next, limit: `${limit}` }));
    },
  };
}

/** The page's own configuration, which needs no token, and the facts of its reply. */
export async function readConfig(): Promise<{ readonly config: PageConfig; readonly facts: ReplyFacts }> {
  const response = await request(pageRoutes.config, {}, {});
  return { config: parsed(pageConfig, await answerOf(response, false)), facts: factsOf(response) };
}

async function request(
  route: string,
  query: Readonly<Record<string, string | undefined>>,
  init: RequestInit,
): Promise<Response> {
  const [method = 'GET', path = '/'] = route.split(' ');
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  const text = new URLSearchParams(given).toString();
  const url = text === '' ? path : `${path}?${text}`;
  try {
    return await fetch(url, { ...init, method, signal: AbortSignal.timeout(timeoutMs), cache: 'no-store' });
  } catch (error) {
    throw noAnswer(error);
  }
}

async function answerOf(response: Response, hasToken: boolean): Promise<unknown> {
  const text = await response.text().catch((error: unknown) => {
    throw noAnswer(error);
  });
  if (response.ok) return parsed(anyJson, text);
  const refusal = v.safeParse(v.pipe(v.string(), v.parseJson(), errorBody), text);
  if (response.status === 401) throw new SignedOut();
  const sentence = refusal.success ? refusal.output.ErrorMessage : gatewaySentence(response.status, hasToken);
  throw new Refused(response.status, sentence);
}

/** Milliseconds by which the server's clock is ahead of the browser's, as a reply tells it. */
export const clockAhead = ({ serverNow }: ReplyFacts): number => (serverNow === undefined ? 0 : serverNow - Date.now());

function factsOf({ headers }: Response): ReplyFacts {
  const serverNow = Date.parse(headers.get('date') ?? '');
  return {
    callerAddress: headers.get(callerAddressHeader) ?? undefined,
    serverNow: Number.isNaN(serverNow) ? undefined : serverNow,
  };
}

function parsed<Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw notTheApi(result.issues[0].message);
}

const anyJson = v.pipe(v.string(), v.parseJson());
