/** AWS in one region, with the person's own credentials. */
import * as v from 'valibot';
import { type Credentials, credentialsOf } from '../api/credentials.ts';
import { deliveryFailure, type Reply, send } from '../api/http.ts';
import { heedProxy } from '../api/proxy.ts';
import { Unreachable } from '../api/refusals.ts';
import { signer } from '../api/signature.ts';
import { keptSignIn } from '../sign-in/kept.ts';
import type { Environment } from '../state/places.ts';
import { type Settings, withoutSlash } from '../state/settings.ts';
import { CliError, exitCodes } from '../terminal/errors.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { serviceUrl } from './endpoint.ts';
import { accountError, queryRefusal, restRefusal } from './errors.ts';
import { accountRegion } from './region.ts';
import { parseXml } from './xml.ts';

/** The versions of the services that speak the AWS query protocol: forms there, XML back. */
const versions = {
  cloudformation: '2010-05-15',
  elasticache: '2015-02-02',
  rds: '2014-10-31',
  sts: '2011-06-15',
} as const;

export type QueryService = keyof typeof versions;

const timeoutMs = 20_000;
/** The local run checks no signature. */
const anyCredentials: Credentials = { accessKeyId: 'local', secretAccessKey: 'not-checked' };

interface Request {
  readonly service: string;
  /** The IAM action, without its service. */
  readonly action: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  readonly readRefusal: typeof queryRefusal;
}

export class Account {
  readonly region: string;
  readonly #settings: Settings;
  readonly #env: Environment;
  readonly #terminal: Pick<Terminal, 'detail'>;
  #credentials: Promise<Credentials> | undefined;

  constructor(region: string, settings: Settings, env: Environment, terminal: Pick<Terminal, 'detail'>) {
    this.region = region;
    this.#settings = settings;
    this.#env = env;
    this.#terminal = terminal;
  }

  /** Calls an operation of the AWS query protocol. Throws an AccountError that says what AWS refuses. */
  async query<Schema extends v.GenericSchema>(
    service: QueryService,
    action: string,
    input: Readonly<Record<string, string>>,
    schema: Schema,
  ): Promise<v.InferOutput<Schema>> {
    const { text } = await this.#send({
      service,
      action,
      path: '/',
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body: new URLSearchParams({ Action: action, Version: versions[service], ...input }).toString(),
      timeoutMs,
      readRefusal: queryRefusal,
    });
    const answer = v.object({ [`${action}Response`]: v.object({ [`${action}Result`]: schema }) });
    const parsed = v.safeParse(answer, parseXml(text));
    const result = parsed.success ? parsed.output[`${action}Response`]?.[`${action}Result`] : undefined;
    if (result !== undefined) return result;
    const [issue] = parsed.issues ?? [];
    const place = issue === undefined ? '' : ` at ${v.getDotPath(issue)}: ${issue.message}`;
    throw new CliError(`The answer of ${service} to ${action} cannot be used${place}.`, exitCodes.failed);
  }

  /** Runs a function of Lambda, and waits for its end. */
  invoke(name: string, payload: object, patienceMs: number): Promise<Reply> {
    return this.#send({
      service: 'lambda',
      action: 'InvokeFunction',
      path: `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(payload),
      timeoutMs: patienceMs,
      readRefusal: restRefusal,
    });
  }

  async #send({ service, action, path, headers, body, timeoutMs, readRefusal }: Request): Promise<Reply> {
    const { url, isLocal } = serviceUrl(service, this.region, this.#env);
    this.#credentials ??= isLocal ? Promise.resolve(anyCredentials) : this.#ownCredentials();
    const sign = signer(await this.#credentials, { region: this.region, service });
    const startedAt = performance.now();
    const request = sign({ url: new URL(`${url}${path}`), method: 'POST', headers, body });
    const reply = await send(request, timeoutMs).catch((error: unknown) => {
      const remedy = isLocal ? 'Start the local run with "npm start".' : 'Check the network and the region.';
      throw new Unreachable(`${url} ${deliveryFailure(error)}. ${remedy}`, { cause: error });
    });
    this.#terminal.detail(
      `${service} ${action} at ${url} -> ${reply.status} in ${Math.round(performance.now() - startedAt)} ms`,
    );
    if (reply.status >= 200 && reply.status <= 299) return reply;
    const permission = `${service}:${action}`;
    throw accountError(readRefusal(reply), reply, { permission, profile: this.#settings.values.profile });
  }

  async #ownCredentials(): Promise<Credentials> {
    const { url } = this.#settings.values;
    try {
      return await credentialsOf(this.#settings, this.#env);
    } catch (error) {
      const signsIn = url !== undefined && keptSignIn(this.#env, withoutSlash(url)) !== undefined;
      if (!signsIn || !(error instanceof CliError)) throw error;
      const words = `This asks AWS itself, where "bastion login" does not count. ${error.message}`;
      throw new CliError(words, error.exitCode, { cause: error });
    }
  }
}

/** The account of the deployment: in the region that its URL names, or else in the person's own. */
export async function accountOf(settings: Settings, env: Environment, terminal: Terminal): Promise<Account> {
  heedProxy(env);
  return new Account(await accountRegion(settings, env), settings, env, terminal);
}
