/** The access of a job of a CI service, by a token that the service gives to the job. No secret is stored anywhere. */
import * as v from 'valibot';
import { workloadRoutes } from '../../contracts/sign-in.ts';
import { type Access, withToken } from '../api/access.ts';
import type { Endpoint } from '../api/endpoint.ts';
import { deliveryFailure, type Reply, send } from '../api/http.ts';
import { Unreachable } from '../api/refusals.ts';
import { readWebConfig } from '../api/web-config.ts';
import type { Environment } from '../state/places.ts';
import type { Settings } from '../state/settings.ts';
import { CliError, exitCodes, usageError } from '../terminal/errors.ts';

/** Gives a token for an audience. */
type JobToken = (audience: string) => Promise<string>;

const timeoutMs = 15_000;

/** The variable in which a job of GitLab hands its token on, as the documents tell the person who writes the job. */
const tokenVariable = 'BASTION_ID_TOKEN';

/** A token becomes a header. */
const token = v.pipe(v.string(), v.regex(/^[\w-]+\.[\w-]+\.[\w-]+$/));
const githubReply = v.pipe(v.string(), v.parseJson(), v.object({ value: token }));

/** @returns undefined in a job that gets no tokens, and at a deployment that takes none of jobs */
export async function jobAccess(
  endpoint: Endpoint,
  { values, origins }: Pick<Settings, 'values' | 'origins'>,
  env: Environment,
): Promise<Access | undefined> {
  const jobToken = jobTokenOf(env);
  if (jobToken === undefined) return undefined;
  const { ci } = await readWebConfig(endpoint);
  if (ci === undefined) return undefined;
  if (values.user === undefined) return accessBy(jobToken, ci.audience);
  throw usageError(
    `user (of ${origins.user}): got "${values.user}", expected none, because a job acts for itself alone.`,
  );
}

function jobTokenOf(env: Environment): JobToken | undefined {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: secret, [tokenVariable]: given } = env;
  if (given) return async () => ownToken(given);
  return url && secret ? (audience) => askGithub(url, secret, audience) : undefined;
}

function ownToken(given: string): string {
  const parsed = v.safeParse(token, given.trim());
  if (parsed.success) return parsed.output;
  throw new CliError(
    `${tokenVariable}: got a text of ${given.length} characters that is no token, expected one of the job's id_tokens.`,
    exitCodes.usage,
  );
}

/** https://docs.github.com/en/actions/reference/security/oidc */
async function askGithub(text: string, secret: string, audience: string): Promise<string> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHere = url?.protocol === 'http:' && url.hostname === '127.0.0.1';
  if (url === undefined || !(isHere || url.protocol === 'https:')) {
    throw new CliError(`ACTIONS_ID_TOKEN_REQUEST_URL: got "${text}", expected a URL with https.`, exitCodes.usage);
  }
  url.searchParams.set('audience', audience);
  const headers = { authorization: `Bearer ${secret}`, accept: 'application/json' };
  const reply: Reply = await send({ url, method: 'GET', headers }, timeoutMs).catch((error: unknown) => {
    throw new Unreachable(`GitHub's token service ${url.origin} ${deliveryFailure(error)}. Run the job again.`);
  });
  const parsed = v.safeParse(githubReply, reply.text);
  if (reply.status === 200 && parsed.success) return parsed.output.value;
  throw new CliError(
    `GitHub's token service answers with ${reply.status} and no token. Give the job "permissions: id-token: write".`,
    exitCodes.failed,
  );
}

/** Each command asks for a token of its own, and again when the API does not accept it any more. */
function accessBy(jobToken: JobToken, audience: string): Access {
  let current: Promise<string> | undefined;
  return {
    kind: 'job',
    paths: workloadRoutes,
    async prove(request) {
      current ??= jobToken(audience);
      return withToken(request, await current);
    },
    async renew() {
      const old = await current;
      current = jobToken(audience);
      return (await current) !== old;
    },
    remedies: {
      expired: 'Run the job again.',
      forbidden: 'Ask the operator whether this repository may use the deployment.',
      unauthorized: `The API does not accept the job's token, which must be for the audience ${audience}, and not too old.`,
    },
  };
}
