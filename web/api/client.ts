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
import { gatewaySentence, Offline, Refused, SignedOut } from './errors.ts';

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

export interface ApiOptions {
  /** Gives the token that each request carries. Undefined where the deployment knows the caller otherwise. */
  readonly token: (() => Promise<string>) | undefined;
  readonly onReply: (facts: ReplyFacts) => void;
}

const timeoutMs = 30_000;

export function apiClient({ token, onReply }: ApiOptions): Api {
  const paths = token === undefined ? routes : personRoutes;
  const call = async (route: string, query: Readonly<Record<string, string | undefined>> = {}, body?: string) => {
    const authorization = token && { authorization: `Bearer ${await token()}` };
    const response = await request(route, query, {
      headers: { accept: 'application/json', ...authorization },
      ...(body !== undefined && { body }),
    });
    onReply(factsOf(response));
    return answerOf(response);
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
    async history({ user, state, next }) {
      return parsed(sessionList, await call(paths.list, { user, state, next, limit: '20' }));
    },
  };
}

/** The page's own configuration, which needs no token. */
export async function readConfig(): Promise<PageConfig> {
  return parsed(pageConfig, await answerOf(await request(pageRoutes.config, {}, {})));
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
    throw new Offline(error);
  }
}

async function answerOf(response: Response): Promise<unknown> {
  const text = await response.text().catch((error: unknown) => {
    throw new Offline(error);
  });
  if (response.ok) return JSON.parse(text);
  const refusal = v.safeParse(v.pipe(v.string(), v.parseJson(), errorBody), text);
  if (response.status === 401) throw new SignedOut();
  throw new Refused(response.status, refusal.success ? refusal.output.ErrorMessage : gatewaySentence(response.status));
}

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
  throw new Error('The API answered in a form that this page does not know. Reload the page.');
}
