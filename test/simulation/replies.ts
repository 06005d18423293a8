/** Checks that a reply tells the truth: a refusal about its cause, any other reply about the session that it names. */
import * as v from 'valibot';
import { taskIdOf } from '../support/task-id.ts';
import { secondMs } from '../support/time.ts';
import { mayStartHaveFailed } from './endings.ts';
import type { Evidence } from './evidence.ts';
import { cidrOf, expiriesOf, isOverdueStart } from './expectations.ts';
import { isLive, type Row } from './ledger.ts';
import { keyViolations } from './pool.ts';
import { grantsSession, type Reply, type SentRequest, sessionIdIn } from './requests.ts';

const viewSchema = v.object({
  sessionId: v.string(),
  state: v.string(),
  host: v.optional(v.string()),
  port: v.optional(v.number()),
  allowedCidrs: v.array(v.string()),
  expiresAt: v.pipe(v.string(), v.transform(Date.parse)),
});
type View = v.InferOutput<typeof viewSchema>;

/** A 202 comes only when the caller's time is nearly over. */
const shortestWaitMs = ({ request }: SentRequest): number => {
  const { wait } = request.query ?? {};
  return Math.min(20 * secondMs, wait === undefined ? Infinity : (Number(wait) - 2) * secondMs);
};

/** The violations of one reply. @param reply undefined when the function failed */
export function replyViolations(evidence: Evidence, sent: SentRequest, reply: Reply | undefined): string[] {
  const { route, claim } = sent;
  if (isAuthentic(reply) && namesakesOf(evidence, sent).some(({ outcome }) => isAuthentic(outcome?.reply)))
    return [`${claim} was answered ${reply?.status} by ${route} for a signature that had been used`];
  if (reply === undefined || reply.status >= 300) return refusalViolations(evidence, sent, reply);
  if (route === 'DELETE /')
    return sent.liveSessionId === undefined ? [] : stopViolations(evidence, sent, sent.liveSessionId);
  if (route === 'POST /stop') return stopViolations(evidence, sent, sessionIdIn(sent.request.body ?? '') ?? '');
  const sessionId = sessionIdIn(reply.body) ?? '';
  const row = evidence.ledger.rows.get(sessionId);
  if (row?.claim !== claim)
    return [`${claim} was told of a session that does not exist or is not its own: ${sessionId}`];
  const violations = sessionViolations(evidence, sent, row);
  return route === 'POST /start' ? violations : [...violations, ...viewViolations(evidence, sent, reply, row)];
}

/** The refusals that need no fault, each with the condition that makes it true. */
const refusals: readonly {
  status: number;
  message: RegExp;
  isTrue: (evidence: Evidence, sent: SentRequest) => boolean;
}[] = [
  { status: 401, message: /^Authentication failed/, isTrue: (...of) => namesakesOf(...of).length > 0 },
  { status: 404, message: /^No bastion is live/, isTrue: (...of) => !hasLivedOn(...of) },
  { status: 409, message: /^A bastion with another public key/, isTrue: (...of) => hasOtherKey(...of) },
  {
    status: 409,
    message: /^This bastion was stopped/,
    isTrue: (...of) => endedRows(...of).some(({ reason }) => reason === 'stopped'),
  },
  {
    status: 409,
    message: /^Other requests changed|was faster|arrived at the same time/,
    isTrue: (...of) => hasConcurrent(...of),
  },
  { status: 409, message: /^Your bastion has just ended/, isTrue: (...of) => endedRows(...of).length > 0 },
  { status: 429, message: /^The limit of \d+ live bastions/, isTrue: (...of) => wereAllTaken(...of) },
  { status: 500, message: /^The limit of \d+ live targets/, isTrue: (...of) => wereAllTaken(...of) },
  { status: 500, message: /still being started/, isTrue: (...of) => hasConcurrent(...of) },
  { status: 500, message: /^The target could not be started/, isTrue: (...of) => endedRows(...of).length > 0 },
  { status: 502, message: /^The bastion stopped before it was ready/, isTrue: (...of) => endedRows(...of).length > 0 },
];

const isAuthentic = (reply: Reply | undefined): boolean => reply !== undefined && reply.status !== 401;

/** The other requests with the same signature. */
function namesakesOf({ requests }: Evidence, sent: SentRequest): readonly SentRequest[] {
  const signature = sent.request.headers?.['x-signature'];
  if (signature === undefined) return [];
  return requests
    .about(sent.claim)
    .filter((other) => other !== sent && other.request.headers?.['x-signature'] === signature);
}

function refusalViolations(evidence: Evidence, sent: SentRequest, reply: Reply | undefined): string[] {
  const { claim, route, faults } = sent;
  const isFailure = reply === undefined || reply.status === 401 || reply.status >= 500;
  if (isFailure && faults.length > 0) return [];
  const refusal = refusals.find(
    ({ status, message }) => status === reply?.status && message.test(reply.json?.ErrorMessage),
  );
  if (refusal?.isTrue(evidence, sent)) return [];
  const answer = reply === undefined ? 'no answer' : `${reply.status} ${reply.body}`;
  return [`${claim} got from ${route} without cause: ${answer}`];
}

/** Whether the session that lived when the request was sent still lives, is not expired, and its starter was not hit. */
function hasLivedOn(evidence: Evidence, { liveSessionId = '' }: SentRequest): boolean {
  const row = evidence.ledger.rows.get(liveSessionId);
  if (row === undefined || !isLive(row)) return false;
  if (isOverdueStart(evidence, row) || (row.state === 'starting' && mayStartHaveFailed(evidence, row))) return false;
  return expiriesOf(evidence, row).every(({ from }) => from > evidence.now());
}

const hasConcurrent = ({ requests }: Evidence, sent: SentRequest): boolean => requests.concurrentWith(sent).length > 0;

const wereAllTaken = (evidence: Evidence, sent: SentRequest): boolean =>
  evidence.places.wereFull(evidence.ledger, sent, evidence.limits);

/** The claim's sessions that ended after the request was sent. */
function endedRows({ ledger }: Evidence, { claim, sentAt }: SentRequest): Row[] {
  return [...ledger.rows.values()].filter(
    (row) => row.claim === claim && (ledger.endedAt.get(row.sessionId) ?? 0) >= sentAt,
  );
}

function hasOtherKey({ ledger }: Evidence, { claim, sentAt, request }: SentRequest): boolean {
  return [...ledger.rows.values()].some(
    (row) =>
      row.claim === claim &&
      (ledger.endedAt.get(row.sessionId) ?? Infinity) >= sentAt &&
      ledger.creations.get(row.sessionId)?.by?.request.body !== request.body,
  );
}

function stopViolations({ ledger }: Evidence, { claim, route }: SentRequest, sessionId: string): string[] {
  const row = ledger.rows.get(sessionId);
  return row && !isLive(row) ? [] : [`${claim} was told by ${route} that ${sessionId} is stopped, but it lives`];
}

/** A caller is told of a session that has not ended, while no other session that they were told of lives. */
function sessionViolations({ ledger, requests }: Evidence, { claim, sentAt }: SentRequest, row: Row): string[] {
  const { sessionId } = row;
  const endedAt = ledger.endedAt.get(sessionId);
  const otherRows = [...ledger.rows.values()].filter(
    (other) => other.claim === claim && other.sessionId !== sessionId && isLive(other),
  );
  const promised = otherRows.find((other) =>
    requests.about(claim).some((sent) => grantsSession(sent, other.sessionId)),
  );
  return [
    ...(endedAt !== undefined && endedAt < sentAt ? [`${claim} was told of ${sessionId}, which had ended`] : []),
    ...(promised ? [`${claim} was told of ${sessionId}, and before of ${promised.sessionId}, which lives`] : []),
  ];
}

function viewViolations(evidence: Evidence, sent: SentRequest, reply: Reply, row: Row): string[] {
  const { claim, route, sentAt } = sent;
  const view = v.parse(viewSchema, reply.json);
  const { host, state, expiresAt } = view;
  const isUp = host !== undefined && state === 'running';
  if (route === 'POST /' && isUp !== (reply.status === 200))
    return [`${claim} got ${reply.status} and ${state} ${host}`];
  const waitedMs = evidence.now() - sentAt;
  const isHasty = reply.status === 202 && waitedMs < shortestWaitMs(sent);
  // A view shows the expiry in whole seconds.
  const isExpiryTrue = expiriesOf(evidence, row, sent).some(
    ({ from, until }) => from - secondMs <= expiresAt && expiresAt <= until,
  );
  return [
    ...(isHasty ? [`${claim} was told to come back after ${waitedMs / secondMs} s`] : []),
    ...(isExpiryTrue
      ? []
      : [`${claim} was told that ${row.sessionId} expires at ${reply.json.expiresAt}, which no request asked for`]),
    ...(isUp ? upViolations(evidence, sent, row, view) : []),
    ...(host === undefined || !isLive(row) ? [] : addressViolations(evidence, sent, row, view)),
  ];
}

/** A bastion that a reply calls running is up, has taken its handoff, and allows the caller. */
function upViolations(evidence: Evidence, sent: SentRequest, row: Row, view: View): string[] {
  const { claim, sentAt, faults, route } = sent;
  const { host = '', port = 0, allowedCidrs } = view;
  if (!evidence.hasComeUp(row)) return [`${claim} was told to connect to ${host}, whose agent has not come up`];
  const keys = keyViolations(evidence, row);
  if (keys.length > 0) return keys;
  const endedAt = evidence.containerEndedAt(row.sessionId);
  // A single MISSING proves nothing. After one, or without an answer, the function can't know that the container has ended.
  const couldKnow = !faults.some((fault) => /^(DescribeTasks|ListTasks)/.test(fault));
  if (endedAt !== undefined && endedAt < sentAt && couldKnow)
    return [`${claim} was told to connect to ${host}, whose container had ended`];
  if (endedAt !== undefined || !isLive(row) || route !== 'POST /' || hasConcurrent(evidence, sent)) return [];
  const cidr = cidrOf(sent);
  if (allowedCidrs.join() !== cidr) return [`${claim} was told that ${allowedCidrs} may connect, expected ${cidr}`];
  const isAllowed = evidence.containers.letsIn(host, { port, sourceIp: sent.request.from ?? '' });
  return isAllowed ? [] : [`${claim} was told to connect to ${host}, which does not allow ${cidr}`];
}

/** An address in a reply is that of the session's own task, as long as it has one. */
function addressViolations({ containers }: Evidence, { claim }: SentRequest, row: Row, { host }: View): string[] {
  const address = containers.addressOf(taskIdOf(row.taskArn));
  if (address === undefined || address === host) return [];
  return [`${claim} was told of ${host}, which is not the host of ${row.sessionId}`];
}
