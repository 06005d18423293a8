/** Whether a reply tells the truth: a refusal about why, anything else about the session that it names. */
import * as v from 'valibot';
import { secondMs } from '../support/time.ts';
import { hasFailed } from './endings.ts';
import { cidrOf, expiriesOf } from './expectations.ts';
import { isLive, type Row } from './ledger.ts';
import type { Oracle } from './oracle.ts';
import { type Answer, type Asked, isGranted, sessionNamedIn } from './requests.ts';

const view = v.object({
  sessionId: v.string(),
  state: v.string(),
  host: v.optional(v.string()),
  port: v.optional(v.number()),
  allowedCidrs: v.array(v.string()),
  expiresAt: v.pipe(v.string(), v.transform(Date.parse)),
});
type View = v.InferOutput<typeof view>;

/** Nobody is told to come back before the time for an answer is nearly over. */
const patienceMs = 20 * secondMs;

/** @param answer undefined when the function failed */
export function wrongReply(oracle: Oracle, asked: Asked, answer: Answer | undefined): string[] {
  const { route, who } = asked;
  if (answer === undefined || answer.status >= 300) return wrongRefusal(oracle, asked, answer);
  if (route === 'DELETE /') return asked.found === undefined ? [] : wrongStop(oracle, asked, asked.found);
  if (route === 'POST /stop') return wrongStop(oracle, asked, sessionNamedIn(asked.request.body ?? '') ?? '');
  const sessionId = sessionNamedIn(answer.body) ?? '';
  const row = oracle.ledger.rows.get(sessionId);
  if (row?.claim !== who) return [`${who} was told of a session that is not there or another's: ${sessionId}`];
  const wrong = wrongSession(oracle, asked, row);
  return route === 'POST /start' ? wrong : [...wrong, ...wrongView(oracle, asked, answer, row)];
}

/** What may be refused although nothing has hit the function: each only when it is so. */
const refusals: readonly { status: number; says: RegExp; isSo: (oracle: Oracle, asked: Asked) => boolean }[] = [
  { status: 404, says: /^No bastion is live/, isSo: (oracle, asked) => !hasLivedOn(oracle, asked) },
  { status: 409, says: /^A bastion with another public key/, isSo: (oracle, asked) => hasOtherKey(oracle, asked) },
  {
    status: 409,
    says: /^This bastion was stopped/,
    isSo: (...of) => ended(...of).some(({ reason }) => reason === 'stopped'),
  },
  { status: 409, says: /kept changing/, isSo: ({ requests }, asked) => requests.beside(asked).length > 0 },
  { status: 409, says: /^Your bastion has just ended/, isSo: (...of) => ended(...of).length > 0 },
  { status: 500, says: /still being started/, isSo: ({ requests }, asked) => requests.beside(asked).length > 0 },
  { status: 500, says: /^The target could not be started/, isSo: (...of) => ended(...of).length > 0 },
  { status: 502, says: /^The bastion stopped before it was ready/, isSo: (...of) => ended(...of).length > 0 },
];

function wrongRefusal(oracle: Oracle, asked: Asked, answer: Answer | undefined): string[] {
  const { who, route, faults } = asked;
  const isFailure = answer === undefined || answer.status === 401 || answer.status >= 500;
  if (isFailure && faults.length > 0) return [];
  const refusal = refusals.find(
    ({ status, says }) => status === answer?.status && says.test(answer.json?.ErrorMessage),
  );
  if (refusal?.isSo(oracle, asked)) return [];
  const said = answer === undefined ? 'no answer' : `${answer.status} ${answer.body}`;
  return [`${who} got from ${route} without cause: ${said}`];
}

/** The session that was there when it was asked still is, and is not over: it has not expired, nor has its starter died. */
function hasLivedOn(oracle: Oracle, { found = '' }: Asked): boolean {
  const row = oracle.ledger.rows.get(found);
  if (row === undefined || !isLive(row) || (row.state === 'starting' && hasFailed(oracle, row))) return false;
  return expiriesOf(oracle, row).every(({ from }) => from > oracle.now());
}

/** The owner's sessions that ended since it was asked. */
function ended({ ledger }: Oracle, { who, at }: Asked): Row[] {
  return [...ledger.rows.values()].filter(
    ({ claim, sessionId }) => claim === who && (ledger.ended.get(sessionId) ?? 0) >= at,
  );
}

function hasOtherKey({ ledger }: Oracle, { who, at, request }: Asked): boolean {
  return [...ledger.rows.values()].some(
    ({ claim, sessionId }) =>
      claim === who &&
      (ledger.ended.get(sessionId) ?? Infinity) >= at &&
      ledger.made.get(sessionId)?.by?.request.body !== request.body,
  );
}

function wrongStop({ ledger }: Oracle, { who, route }: Asked, sessionId: string): string[] {
  const row = ledger.rows.get(sessionId);
  return row && !isLive(row) ? [] : [`${who} was told by ${route} that ${sessionId} is stopped, but it lives`];
}

/** Whoever is told of a session has it, and no other one. */
function wrongSession({ ledger, requests }: Oracle, { who, at }: Asked, { sessionId }: Row): string[] {
  const endedAt = ledger.ended.get(sessionId);
  const others = [...ledger.rows.values()].filter(
    (row) => row.claim === who && row.sessionId !== sessionId && isLive(row),
  );
  const another = others.find((row) => requests.of(who).some((asked) => isGranted(asked, row.sessionId)));
  return [
    ...(endedAt !== undefined && endedAt < at ? [`${who} was told of ${sessionId}, which had ended`] : []),
    ...(another ? [`${who} was told of ${sessionId}, and before of ${another.sessionId}, which lives`] : []),
  ];
}

function wrongView(oracle: Oracle, asked: Asked, answer: Answer, row: Row): string[] {
  const { who, route, at } = asked;
  const shown = v.parse(view, answer.json);
  const { host, state, expiresAt } = shown;
  const isUp = host !== undefined && state === 'running';
  if (route === 'POST /' && isUp !== (answer.status === 200))
    return [`${who} got ${answer.status} and ${state} ${host}`];
  const isHasty = answer.status === 202 && oracle.now() < at + patienceMs;
  // To the second, as it is shown.
  const isDeserved = expiriesOf(oracle, row, asked).some(
    ({ from, until }) => from - 1000 <= expiresAt && expiresAt <= until,
  );
  return [
    ...(isHasty ? [`${who} was told to come back after ${(oracle.now() - at) / 1000} s`] : []),
    ...(isDeserved
      ? []
      : [`${who} was told that ${row.sessionId} expires at ${answer.json.expiresAt}, which nobody asked for`]),
    ...(isUp ? wrongHost(oracle, asked, row, shown) : []),
  ];
}

/** A host that is named is up, and lets in whoever has asked for it. */
function wrongHost(oracle: Oracle, asked: Asked, row: Row, { host = '', port = 0, allowedCidrs }: View): string[] {
  const { who, at, faults, route } = asked;
  const endedAt = oracle.endedAt(row.sessionId);
  // One answer that the task is missing proves nothing, so it can't be known that its container has ended.
  const couldKnow = !faults.some((fault) => /missing/.test(fault));
  if (endedAt !== undefined && endedAt < at && couldKnow)
    return [`${who} was told to connect to ${host}, whose container had ended`];
  if (endedAt !== undefined || !isLive(row)) return [];
  const { interfaces, groups } = oracle.aws.ec2;
  const group = groups.all().find(({ tags }) => tags.get('bastion:session') === row.sessionId);
  const isItsOwn = interfaces
    .all()
    .some(({ publicIp, groupIds }) => publicIp === host && groupIds.includes(group?.id ?? ''));
  if (!isItsOwn) return [`${who} was told to connect to ${host}, which is not the host of ${row.sessionId}`];
  if (route !== 'POST /' || oracle.requests.beside(asked).length > 0) return [];
  const cidr = cidrOf(asked);
  if (allowedCidrs.join() !== cidr) return [`${who} was told that ${allowedCidrs} may connect, expected ${cidr}`];
  const letsIn = oracle.containers.letsIn(host, { port, sourceIp: asked.request.from ?? '' });
  return letsIn ? [] : [`${who} was told to connect to ${host}, which does not let ${cidr} in`];
}
