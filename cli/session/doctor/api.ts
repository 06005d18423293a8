/** The checks that ask the API: its answer, the clock, the credentials, the addresses, and the way to the live bastion. */
import { callerAddressHeader, routes, type SessionView } from '../../../contracts/api.ts';
import { skewAdvice } from '../../api/clock.ts';
import type { Endpoint } from '../../api/endpoint.ts';
import { deliveryFailure, type Reply, send } from '../../api/http.ts';
import { heedProxy, namesProxy } from '../../api/proxy.ts';
import { keptSignIn } from '../../sign-in/kept.ts';
import type { Environment } from '../../state/places.ts';
import type { Settings } from '../../state/settings.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { contextOf } from '../context.ts';
import { addressFinding } from './address.ts';
import { type Finding, fault, faultOf, ok, warning } from './finding.ts';
import { type Greeting, greetingOf, portFinding } from './port.ts';

const timeoutMs = 10_000;

export async function examineApi(
  settings: Settings,
  endpoint: Endpoint,
  terminal: Terminal,
  env: Environment,
): Promise<Finding[]> {
  let reply: Reply;
  try {
    heedProxy(env);
    reply = await askHealth(endpoint.url);
  } catch (error) {
    const remedy = endpoint.isLocal
      ? 'Start the local run with "npm start".'
      : 'Check the network, the proxy and the URL.';
    return [fault('API', `It ${deliveryFailure(error)}. ${remedy}`)];
  }
  const answers =
    reply.status === 200
      ? ok('API', 'It answers.')
      : fault('API', `GET /health answers ${reply.status}, expected 200. Compare the URL with the output ApiUrl.`);
  const clock = clockFinding(reply.headers.date, Date.now());
  try {
    const { view, finding } = await examineCredentials(settings, endpoint, terminal, env);
    const seen = headerText(reply, callerAddressHeader);
    const [direct, greeting] = await Promise.all([directAddress(endpoint, env), greetingOfLive(view)]);
    return [
      answers,
      clock,
      finding,
      addressFinding({ seen, direct, greeting, live: view }),
      portFinding(view, greeting, seen),
    ];
  } catch (error) {
    return [answers, clock, faultOf(keptSignIn(env, endpoint.url) === undefined ? 'credentials' : 'sign-in', error)];
  }
}

const askHealth = (url: string, isDirect = false): Promise<Reply> => {
  const [method = '', path = ''] = routes.health.split(' ');
  return send({ url: new URL(`${url}${path}`), method, headers: {} }, timeoutMs, { isDirect });
};

function headerText({ headers }: Reply, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** AWS refuses a signature that is five minutes off, so a clock that is off by half of that is worth a word. */
export function clockFinding(theirs: string | undefined, now: number): Finding {
  const time = Date.parse(theirs ?? '');
  if (Number.isNaN(time)) return warning('clock', 'The API names no time to compare it with.');
  const distance = Math.abs(now - time);
  if (distance < 60_000) return ok('clock', "It agrees with the API's.");
  return distance < 240_000 ? warning('clock', skewAdvice(theirs)) : fault('clock', skewAdvice(theirs));
}

async function examineCredentials(settings: Settings, endpoint: Endpoint, terminal: Terminal, env: Environment) {
  const { api } = await contextOf(settings, terminal, env);
  const answer = await api.lookOrWords();
  const view = typeof answer === 'string' ? undefined : answer;
  const [said = ''] = typeof answer === 'string' ? answer.split(/(?<=\.)\s/) : [];
  const words = view === undefined ? `The API says: ${said}` : `The API takes you for ${view.user}.`;
  const check = api.accessKind;
  const hasArn = check === 'credentials' && !endpoint.isLocal;
  const arn = hasArn ? await callerArn(settings, terminal, env) : undefined;
  return { view, finding: ok(check, arn === undefined ? words : `${arn}. ${words}`) };
}

/** AWS's own name for the caller. STS may be out of reach where the API is not. */
async function callerArn(settings: Settings, terminal: Terminal, env: Environment): Promise<string | undefined> {
  const [{ accountOf }, { arnOfCaller }] = await Promise.all([
    import('../../account/account.ts'),
    import('../../account/identity.ts'),
  ]);
  return accountOf(settings, env, terminal)
    .then(arnOfCaller)
    .catch(() => undefined);
}

/** This machine's address as the API sees it without the proxy, which ssh does not take. `none` if there is no other way. */
async function directAddress({ url }: Endpoint, env: Environment): Promise<string | undefined> {
  if (!namesProxy(env)) return undefined;
  try {
    return headerText(await askHealth(url, true), callerAddressHeader);
  } catch {
    return 'none';
  }
}

async function greetingOfLive(view: SessionView | undefined): Promise<Greeting | undefined> {
  const { state, host, port } = view ?? {};
  return state === 'running' && host !== undefined && port !== undefined ? greetingOf(host, port) : undefined;
}
