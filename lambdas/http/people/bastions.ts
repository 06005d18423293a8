/** The people's routes: `POST /`, `GET /`, `DELETE /`, `GET /sessions`. */
import * as v from 'valibot';
import { type StopPorts, stopBastion } from '../../core/end/stop-session.ts';
import { InvalidRequest } from '../../core/session/errors.ts';
import type { Ports } from '../../core/session/ports.ts';
import type { Settings } from '../../core/session/settings.ts';
import { parsePublicKey } from '../../core/start/public-key.ts';
import { type StartPorts, startBastion } from '../../core/start/start-bastion.ts';
import { findBastion } from '../../core/watch/find-bastion.ts';
import type { ObservePorts } from '../../core/watch/observe.ts';
import { bodyText, callerCidr, type HttpEvent } from '../event.ts';
import { type HttpHandler, httpHandler, json, type Reply, stillStarting, type Telling, text } from '../replies.ts';
import { callerOf, userFor } from './caller.ts';
import { parseHistoryQuery, positionToken } from './history-query.ts';
import { isShownReady, sessionView } from './session-view.ts';
import { parseTtl } from './ttl.ts';

export interface People {
  /** ARN patterns of callers who may act for everybody. */
  readonly admins: readonly string[];
  /** The login of the ssh image. */
  readonly login: string;
}

export function startHandler(ports: StartPorts & Telling, settings: Settings, people: People): HttpHandler {
  return httpHandler(ports, async (event) => {
    const user = userFor(callerOf(event, people.admins), event.queryStringParameters.user);
    const ttl = event.queryStringParameters.ttl;
    const publicKey = publicKeyIn(bodyText(event));
    const session = await startBastion(ports, settings, {
      user,
      cidr: callerCidr(event),
      ...(publicKey !== undefined && { publicKey }),
      ...(ttl !== undefined && { ttlSeconds: parseTtl(ttl, settings.maxTtlSeconds) }),
    });
    const view = sessionView(session, people.login);
    return isShownReady(view)
      ? inWantedForm(event, 200, view, view.host)
      : inWantedForm(event, 202, view, '', stillStarting);
  });
}

/** `GET /` and `GET /sessions`: both read, and share a function. */
export function sessionsHandler(ports: ObservePorts & Telling, people: People): HttpHandler {
  return httpHandler(ports, async (event) =>
    event.routeKey === 'GET /sessions' ? listSessions(ports, people, event) : showBastion(ports, people, event),
  );
}

export function stopHandler(ports: StopPorts & Telling, people: Pick<People, 'admins'>): HttpHandler {
  return httpHandler(ports, async (event) => {
    const user = userFor(callerOf(event, people.admins), event.queryStringParameters.user);
    await stopBastion(ports, user);
    return wantsJson(event) ? json(200, {}) : text(200, '');
  });
}

async function showBastion(ports: ObservePorts, people: People, event: HttpEvent): Promise<Reply> {
  const user = userFor(callerOf(event, people.admins), event.queryStringParameters.user);
  const view = sessionView(await findBastion(ports, user), people.login);
  return inWantedForm(event, 200, view, view.host ?? '');
}

async function listSessions(ports: Pick<Ports, 'sessions'>, people: People, event: HttpEvent): Promise<Reply> {
  const page = await ports.sessions.history(
    parseHistoryQuery(event.queryStringParameters, callerOf(event, people.admins)),
  );
  const sessions = page.sessions.map((session) => sessionView(session, people.login));
  return json(200, { sessions, ...(page.next && { next: positionToken(page.next) }) });
}

const jsonBody = v.object({ publicKey: v.string() });

/** The key in the body, as a line of text or as JSON; undefined for an empty body. */
function publicKeyIn(body: string): string | undefined {
  const trimmed = body.trim();
  if (trimmed === '') return undefined;
  return parsePublicKey(trimmed.startsWith('{') ? keyInJson(trimmed) : body);
}

function keyInJson(body: string): string {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), jsonBody), body);
  if (parsed.success) return parsed.output.publicKey;
  throw new InvalidRequest('The body looks like JSON but is not {"publicKey": "ssh-ed25519 AAAA…"}.');
}

function inWantedForm(
  event: HttpEvent,
  status: number,
  view: unknown,
  words: string,
  headers: Record<string, string> = {},
): Reply {
  return wantsJson(event) ? json(status, view, headers) : text(status, words, headers);
}

/** Text is the default, so that `ssh bastion@$(curl …)` works. */
const wantsJson = (event: HttpEvent): boolean => /\bapplication\/json\b/i.test(event.headers.accept ?? '');
