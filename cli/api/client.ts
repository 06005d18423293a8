/** The API's routes as methods. Replies are parsed by the contract's schemas. */
import * as v from 'valibot';
import {
  callerAddressHeader,
  routes,
  type SessionList,
  type SessionView,
  sessionList,
  sessionView,
} from '../../contracts/api.ts';
import { usageError } from '../terminal/errors.ts';
import type { Access } from './access.ts';
import type { Endpoint } from './endpoint.ts';
import { type ApiRequest, deliveryFailure, type Reply, send } from './http.ts';
import { ApiError, badReply, refusal, Unreachable } from './refusals.ts';

export interface ApiOptions {
  readonly endpoint: Endpoint;
  readonly access: Access;
  readonly user: string | undefined;
  /** Takes one line per request. */
  readonly log: (line: string) => void;
}

type Query = Readonly<Record<string, string | undefined>>;

/** API Gateway gives up after 30 s. The local run answers a request that does not wait at once, and one of ours waits for 3 s. */
const timeoutMs = { deployed: 35_000, local: 15_000 } as const;

const sessionReply = v.pipe(v.string(), v.parseJson(), sessionView);
const listReply = v.pipe(v.string(), v.parseJson(), sessionList);

export class Api {
  readonly #options: ApiOptions;
  /** This machine's address as the API saw it last. */
  callerAddress: string | undefined;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  /** Starts the bastion or finds the live one. Without a key it asks about the live one. */
  async start(query: { readonly ttl?: string; readonly wait?: number }, publicKey?: string): Promise<SessionView> {
    const { ttl, wait } = query;
    const body = publicKey === undefined ? undefined : JSON.stringify({ publicKey });
    return this.#ask(sessionReply, this.#paths.start, { ttl, wait: wait?.toString() }, body);
  }

  /** The live bastion, or undefined when there is none. */
  async look(wait = 0): Promise<SessionView | undefined> {
    const answer = await this.lookOrWords(wait);
    return typeof answer === 'string' ? undefined : answer;
  }

  /** The live bastion, or the API's own words that the caller has none. They name the user that the API takes the caller for. */
  async lookOrWords(wait = 0): Promise<SessionView | string> {
    try {
      return await this.#ask(sessionReply, this.#paths.look, { wait: wait.toString() });
    } catch (error) {
      if (error instanceof ApiError && error.isFunctions && error.status === 404) return error.message;
      throw error;
    }
  }

  /** Asks for the removal of a user's bastion. */
  async stop(user?: string): Promise<void> {
    await this.#call(this.#paths.stop, { ...(user !== undefined && { user }) });
  }

  /** One page of sessions, newest first. */
  async list(query: { readonly limit: number; readonly state?: string; readonly next?: string }): Promise<SessionList> {
    const path = this.#paths.list;
    if (path === undefined) throw usageError('The API tells a job of no history. Run "bastion ls" as a person.');
    return this.#ask(listReply, path, { ...query, limit: query.limit.toString() });
  }

  /** Throws unless the API answers there. Everybody may ask. */
  async health(): Promise<void> {
    await this.#call(routes.health, { user: undefined });
  }

  get accessKind(): Access['kind'] {
    return this.#options.access.kind;
  }

  /** Whether the API tells the caller of sessions that have ended. */
  get hasHistory(): boolean {
    return this.#paths.list !== undefined;
  }

  get #paths(): Access['paths'] {
    return this.#options.access.paths;
  }

  async #ask<Schema extends v.GenericSchema>(
    schema: Schema,
    route: string,
    query: Query,
    body?: string,
  ): Promise<v.InferOutput<Schema>> {
    const reply = await this.#call(route, query, body);
    const parsed = v.safeParse(schema, reply.text);
    if (parsed.success) return parsed.output;
    const [issue] = parsed.issues;
    const path = v.getDotPath(issue);
    const got = path === null ? `it begins with ${shown(reply.text)}` : `${path} is ${shown(issue.input)}`;
    throw badReply(got, reply.headers);
  }

  async #call(route: string, query: Query, body?: string): Promise<Reply> {
    const { user } = this.#options;
    const [method = '', path = ''] = route.split(' ');
    const url = new URL(`${this.#options.endpoint.url}${path}${queryText({ user, ...query })}`);
    const plain: ApiRequest = {
      url,
      method,
      headers: { accept: 'application/json', ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body }),
    };
    const { access } = this.#options;
    let reply = await this.#deliver(plain);
    if (reply.status === 401 && (await access.renew?.()) === true) reply = await this.#deliver(plain);
    const address = reply.headers[callerAddressHeader];
    if (typeof address === 'string') this.callerAddress = address;
    if (reply.status < 200 || reply.status > 299) throw refusal(reply, access.remedies);
    return reply;
  }

  async #deliver(plain: ApiRequest): Promise<Reply> {
    const { endpoint, access, log } = this.#options;
    const request = (await access.prove?.(plain)) ?? plain;
    const startedAt = Date.now();
    const reply = await deliver(request, endpoint);
    log(`${plain.method} ${plain.url} -> ${reply.status} in ${Date.now() - startedAt} ms`);
    return reply;
  }
}

/** The begin of a value, with control characters as JSON writes them. */
const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value.slice(0, 60) : value;
  return JSON.stringify(text)?.slice(0, 120) ?? 'absent';
};

/** @throws Unreachable */
export async function deliver(request: ApiRequest, { url, isLocal }: Endpoint): Promise<Reply> {
  try {
    return await send(request, isLocal ? timeoutMs.local : timeoutMs.deployed);
  } catch (error) {
    const failure = `${url} ${deliveryFailure(error)}`;
    const remedy = isLocal
      ? 'Start the local run with "npm start", and compare the URL with the one that it prints.'
      : 'Check the network and the URL.';
    throw new Unreachable(`${failure}. ${remedy}`, { cause: error });
  }
}

/** In alphabetical order, as some signers need it. */
function queryText(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query).sort()) if (value !== undefined) parameters.set(name, value);
  return parameters.size === 0 ? '' : `?${parameters}`;
}
