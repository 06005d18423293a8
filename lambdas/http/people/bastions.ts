/**
 * The people's routes: `POST /`, `GET /`, `DELETE /`, `GET /known_hosts`, `GET /sessions`, and the same under `/me` and `/ci` for callers
 * with a token.
 */
import * as v from 'valibot';
import { hostKeyAlias, type PoolView, queries, routes, startBody, waitSeconds } from '../../../contracts/api.ts';
import { absentForWorkloads, personRoutes, workloadRoutes } from '../../../contracts/sign-in.ts';
import { type StopPorts, stopBastion } from '../../core/end/stop-session.ts';
import { costOf, poolCost, type TaskPlace } from '../../core/session/cost.ts';
import { InvalidRequest } from '../../core/session/errors.ts';
import { type PoolPlan, pooledBastions, waitingCounts } from '../../core/session/pool.ts';
import type { HistoryQuery, Ports } from '../../core/session/ports.ts';
import { type Session, sshAgentOf } from '../../core/session/session.ts';
import type { Settings } from '../../core/session/settings.ts';
import { parsePublicKey, refusePrivateKey } from '../../core/start/public-key.ts';
import { type StartPorts, startBastion } from '../../core/start/start-bastion.ts';
import { findBastion, findRow } from '../../core/watch/find-bastion.ts';
import type { ObservePorts } from '../../core/watch/observe.ts';
import { doorOf } from '../caller-id.ts';
import { bodyBytes, bodyText, callerCidr, type HttpEvent } from '../event.ts';
import { queryOf } from '../query.ts';
import { type HttpHandler, httpHandler, json, type Reply, stillStarting, text } from '../replies.ts';
import { type CallerSettings, userFor } from './caller.ts';
import { callerOf } from './callers.ts';
import { parseHistoryQuery, positionToken } from './history-query.ts';
import { sessionView } from './session-view.ts';
import { parseTtl } from './ttl.ts';
import { patienceOf } from './wait.ts';

export interface PeopleSettings extends CallerSettings {
  /** The login of the ssh image. */
  readonly sshLogin: string;
  /** The cost of a session follows from it. */
  readonly taskPlace: TaskPlace;
}

export type ListSettings = PeopleSettings & Pick<PoolPlan, 'poolSize' | 'poolHours'>;

export function startHandler(allPorts: StartPorts, settings: Settings, people: PeopleSettings): HttpHandler {
  return httpHandler(allPorts, async (event, ports) => {
    const { ttl, wait, ...query } = queryOf(event, queries.start, absentIn(event));
    const patience = patienceOf(event, ports.clock.now(), wait, waitSeconds.start);
    const caller = callerOf(event, people);
    const user = userFor(caller, query.user);
    const publicKey = publicKeyIn(event);
    const command = {
      user,
      by: caller.id,
      from: event.requestContext.http.sourceIp,
      cidr: callerCidr(event),
      ...(publicKey !== undefined && { publicKey }),
      ...(ttl !== undefined && { ttlSeconds: parseTtl(ttl, settings.maxTtlSeconds) }),
    };
    const view = viewOf(ports, people, await startBastion(ports, settings, command, patience));
    return view.state === 'running'
      ? inRequestedForm(event, 200, view, view.host ?? '')
      : inRequestedForm(event, 202, view, view.host ?? '', stillStarting);
  });
}

const listRoutes: readonly string[] = [routes.list, personRoutes.list];
const hostKeyRoutes: readonly string[] = [routes.knownHosts, personRoutes.knownHosts, workloadRoutes.knownHosts];

/** Handles the routes that start and stop nothing. They share a function. */
export function sessionsHandler(allPorts: ObservePorts, settings: ListSettings): HttpHandler {
  return httpHandler(allPorts, async (event, ports) => {
    if (listRoutes.includes(event.routeKey)) return listSessions(ports, settings, event);
    if (hostKeyRoutes.includes(event.routeKey)) return showHostKeys(ports, settings, event);
    return showBastion(ports, settings, event);
  });
}

export function stopHandler(allPorts: StopPorts, callers: CallerSettings): HttpHandler {
  return httpHandler(allPorts, async (event, ports) => {
    const query = queryOf(event, queries.stop, absentIn(event));
    await stopBastion(ports, userFor(callerOf(event, callers), query.user));
    return inRequestedForm(event, 200, {}, '');
  });
}

/** The parameters that the route of a request lacks. */
const absentIn = (event: HttpEvent) => (doorOf(event) === 'workload' ? absentForWorkloads : []);

async function showBastion(ports: ObservePorts, settings: PeopleSettings, event: HttpEvent): Promise<Reply> {
  const { wait, ...query } = queryOf(event, queries.look, absentIn(event));
  const patience = patienceOf(event, ports.clock.now(), wait, waitSeconds.look);
  const user = userFor(callerOf(event, settings), query.user);
  const view = viewOf(ports, settings, await findBastion(ports, user, patience));
  return inRequestedForm(event, 200, view, view.host ?? '');
}

/** The host keys under one name for all bastions, because AWS hands their addresses on. */
async function showHostKeys(ports: ObservePorts, settings: PeopleSettings, event: HttpEvent): Promise<Reply> {
  const query = queryOf(event, queries.knownHosts, absentIn(event));
  const session = await findRow(ports, userFor(callerOf(event, settings), query.user));
  return text(
    200,
    sshAgentOf(session)
      .hostKeys.map((hostKey) => `${hostKeyAlias} ${hostKey}`)
      .join('\n'),
  );
}

async function listSessions(
  ports: Pick<Ports, 'sessions' | 'clock' | 'log'>,
  settings: ListSettings,
  event: HttpEvent,
): Promise<Reply> {
  const person = callerOf(event, settings);
  const query = parseHistoryQuery(queryOf(event, queries.list), person);
  const [page, pool] = await Promise.all([
    ports.sessions.history(query),
    showsPool(query) && settings.poolSize > 0 ? viewOfPool(ports, settings) : undefined,
  ]);
  for (const row of page.unreadable) ports.log.error('row left out of the list', row);
  const sessions = page.sessions.map((session) => viewOf(ports, settings, session));
  const caller = { user: person.name, isAdmin: person.isAdmin };
  return json(200, { caller, sessions, ...(pool && { pool }), ...(page.next && { next: positionToken(page.next) }) });
}

/** The pool costs one more query. So only the first page of everybody's sessions shows it, which admins alone can ask for. */
const showsPool = ({ claim, state, after }: HistoryQuery): boolean =>
  claim === undefined && state === undefined && after === undefined;

async function viewOfPool(ports: Pick<Ports, 'sessions' | 'log'>, settings: ListSettings): Promise<PoolView> {
  const waiting = waitingCounts(await pooledBastions(ports));
  const cost = poolCost(settings, settings.taskPlace);
  return { size: settings.poolSize, hours: settings.poolHours.text, ...waiting, ...(cost && { cost }) };
}

/** The session as its owner sees it now. */
const viewOf = ({ clock }: Pick<Ports, 'clock'>, { sshLogin, taskPlace }: PeopleSettings, session: Session) =>
  sessionView(session, sshLogin, costOf(session, taskPlace, clock.now()));

/** The key in the body, as a line of text or as JSON, or undefined for an empty body. */
function publicKeyIn(event: HttpEvent): string | undefined {
  refusePrivateKey(bodyBytes(event).toString('latin1')); // also in UTF-16, as a shell of Windows writes files
  const body = bodyText(event);
  const trimmed = body.trim();
  if (trimmed === '') return undefined;
  return parsePublicKey(trimmed.startsWith('{') ? keyInJson(trimmed) : body);
}

function keyInJson(body: string): string {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), startBody), body);
  if (parsed.success) return parsed.output.publicKey;
  throw new InvalidRequest('The body looks like JSON but is not {"publicKey": "ssh-ed25519 AAAA…"}.');
}

/** Text is the default, so that `ssh bastion@$(curl …)` works. */
function inRequestedForm(
  event: HttpEvent,
  status: number,
  view: object,
  words: string,
  headers: Record<string, string> = {},
): Reply {
  const wantsJson = /\bapplication\/json\b/i.test(event.headers.accept ?? '');
  return wantsJson ? json(status, view, headers) : text(status, words, headers);
}
