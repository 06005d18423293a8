/**
 * The judge: watches every call that had its effect and every reply, and says what must never be. It knows what people asked
 * for and which containers ended by themselves; from that, what may be removed and who may be let in.
 */
import type { Call } from '../../local/aws/wire.ts';
import type { Deployment, Request } from '../support/deployment.ts';
import { wrongIngress } from './ingress.ts';
import { type Change, isLive, Ledger, type Row } from './ledger.ts';

interface Asked {
  /** The claim that it is about: whose bastion, which target. */
  readonly who: string;
  readonly route: string;
  readonly from: string | undefined;
  readonly at: number;
  answeredAt?: number;
}

type Answer = Awaited<ReturnType<Deployment['send']>>;

/** Functions' clocks differ by up to this much from the true time. */
export const skewMs = 1000;
const leaseMs = 60_000;
/** A request may still be at work this long after it was sent. */
const requestMs = 30_000;
/** Without a fault, everybody who was about to apply addresses has done so. */
const settledMs = 15_000;
/** A check-up comes every five minutes; after it, a reaper pass or two. */
export const noticedMs = 8 * 60_000;

export class Oracle {
  readonly ledger = new Ledger();
  readonly violations: string[] = [];
  readonly history: string[] = [];
  faults = 0;
  readonly #bastions: () => Deployment;
  readonly #asked: Asked[] = [];
  /** Session to when its container ended by itself. */
  readonly #endedByThemselves = new Map<string, number>();
  readonly #shownReady = new Set<string>();
  #startedAt = 0;
  /** By the function that it happened to. */
  readonly #lastFaults = new Map<string, number>();
  #begun = false;

  constructor(bastions: () => Deployment) {
    this.#bastions = bastions;
  }

  /** How many sessions there have been. */
  get sessions(): number {
    return this.ledger.created;
  }

  begin(): void {
    this.#begun = true;
    this.#startedAt = this.#now();
  }

  /** @param victim the function that it happens to */
  fault(victim: string, what: string): void {
    this.#lastFaults.set(victim, this.#now());
    this.faults++;
    this.note(`fault: ${victim} ${what}`);
  }

  note(line: string): void {
    const seconds = (this.#now() - this.#startedAt) / 1000;
    this.history.push(`+${seconds.toFixed(3).padStart(9)} s  ${line}`);
  }

  /** Sends a request, remembers that it was asked for, and checks that the reply tells the truth. */
  async ask(who: string, route: string, request: Request): Promise<Answer | undefined> {
    const asked: Asked = { who, route, from: request.from, at: this.#now() };
    this.#asked.push(asked);
    this.note(`${who}: ${route}${request.from ? ` from ${request.from}` : ''} ${JSON.stringify(request.query ?? {})}`);
    try {
      const answer = await this.#bastions().send(route, request);
      this.note(`${who}: ${route} -> ${answer.status} ${answer.body.slice(0, 120)}`);
      asked.answeredAt = this.#now();
      if (route === 'POST /' && answer.status === 200) {
        this.#checkReady(asked, answer);
        this.#bastions().clock.after(settledMs, () => this.#checkSettled(asked, answer.json.sessionId));
      }
      return answer;
    } catch (error) {
      this.note(`${who}: ${route} -> no answer (${error instanceof Error ? error.message.slice(0, 80) : error})`);
      return undefined;
    }
  }

  /** Somebody's container ends by itself, if one runs. */
  endContainerOf(who: string, code: number): void {
    const { containers } = this.#bastions();
    const row = [...this.ledger.rows.values()].find((one) => isLive(one) && one.claim === who && one.taskArn);
    const taskId = row?.taskArn?.split('/').at(-1);
    const container = containers.running().find((one) => one.taskId === taskId && one.name !== 'ready');
    if (!row || !container) return;
    this.note(`${who}: its container ends with code ${code}`);
    this.#endedByThemselves.set(row.sessionId, this.#now());
    this.#bastions().clock.after(noticedMs, () => this.#checkNoticed(row.sessionId));
    containers.exit(container.taskId, container.name, code);
  }

  /** Every call that had its effect goes through here. `by` is the function that makes it. */
  async watch(call: Call, proceed: () => Promise<unknown>, by?: string): Promise<unknown> {
    if (by === 'Sweeper') this.#checkSweep(call);
    const output = await proceed();
    if (call.kind !== 'api' || !this.#begun) return output;
    const change = this.ledger.note(call, output);
    if (change) this.#checkChange(change);
    if (call.action === 'StopTask') this.#checkStop(String(Object(call.input).task));
    if (call.action === 'RunTask') this.#checkOneBastion();
    return output;
  }

  violated(what: string): void {
    this.note(`VIOLATION: ${what}`);
    this.violations.push(what);
  }

  #checkChange({ before, after }: Change): void {
    if (before?.state === after.state) return;
    this.note(
      `row ${after.sessionId.slice(-4)} of ${after.claim}: ${before?.state ?? 'new'} -> ${after.state} ${after.reason ?? ''}`,
    );
    if (before?.state === 'stopping' && isLive(after)) this.violated(`session ${after.sessionId} came back to life`);
    if (after.state === 'stopping' && before && isLive(before)) this.#checkEnd(before, after);
  }

  /** Nobody is cut off early: a session ends only for a reason that is true. */
  #checkEnd(before: Row, after: Row): void {
    const now = this.#now();
    const reasons: Record<string, () => boolean> = {
      stopped: () =>
        this.#asked.some(
          ({ who, route, at }) =>
            who === after.claim && /DELETE|stop/.test(route) && at + requestMs >= before.createdAt,
        ),
      expired: () => now + skewMs >= before.expiresAt,
      exited: () => this.#hasEnded(after),
      'start-failed': () => (before.state === 'starting' ? this.#mayHaveFailed(before) : this.#hasEnded(after)),
    };
    if (!reasons[after.reason ?? '']?.())
      this.violated(`session ${after.sessionId} of ${after.claim} ended (${after.reason}) without cause`);
  }

  /** Its start had a minute, or something has happened to somebody since. */
  #mayHaveFailed({ createdAt }: Row): boolean {
    return this.#now() + skewMs >= createdAt + leaseMs || this.#hasHit(/./, createdAt - skewMs);
  }

  /** Whether a fault has hit one of these functions since. */
  #hasHit(functions: RegExp, since: number): boolean {
    return [...this.#lastFaults].some(([victim, at]) => at >= since && functions.test(victim));
  }

  #hasEnded({ sessionId, taskArn }: Row): boolean {
    return this.#endedByThemselves.has(sessionId) || (taskArn !== undefined && this.ledger.stopped.has(taskArn));
  }

  /** The lifecycle leaves nothing: whatever the sweeper finds of a session is a leak that it would cover up. */
  #checkSweep({ action, input }: Call): void {
    const { task, GroupId } = Object(input);
    const group = this.#bastions()
      .aws.ec2.groups.all()
      .find(({ id }) => id === GroupId);
    const sessionId = action === 'StopTask' ? this.ledger.tasks.get(task) : group?.tags.get('bastion:session');
    const isRemoval = action === 'StopTask' || action === 'DeleteSecurityGroup';
    if (isRemoval && sessionId !== undefined && this.ledger.rows.has(sessionId))
      this.violated(`session ${sessionId} has left something for the sweeper: ${action}`);
  }

  #checkStop(taskArn: string): void {
    const sessionId = this.ledger.tasks.get(taskArn);
    const row = sessionId === undefined ? undefined : this.ledger.rows.get(sessionId);
    if (sessionId === undefined) this.violated(`a task was stopped that is not ours: ${taskArn}`);
    else if (row && isLive(row)) this.violated(`the task of the live session ${sessionId} was stopped`);
  }

  #checkOneBastion(): void {
    const live = new Map<string, string>();
    for (const [arn, sessionId] of this.ledger.tasks) {
      const row = this.ledger.rows.get(sessionId);
      if (!row || !isLive(row) || this.ledger.stopped.has(arn) || this.#endedByThemselves.has(sessionId)) continue;
      const other = live.get(row.claim);
      if (other !== undefined) this.violated(`two live tasks for ${row.claim}: sessions ${other} and ${sessionId}`);
      live.set(row.claim, sessionId);
    }
  }

  /** A reply that names a host tells the truth: it is up, and lets the caller in. */
  #checkReady(asked: Asked, answer: Answer): void {
    const { sessionId, host, port, allowedCidrs } = answer.json;
    this.#shownReady.add(sessionId);
    const alone = !this.#asked.some(
      (one) =>
        one !== asked &&
        one.who === asked.who &&
        (one.answeredAt ?? Infinity) > asked.at - requestMs &&
        one.at + requestMs > asked.at,
    );
    const endedAt = this.endedAt(sessionId);
    if (endedAt !== undefined && endedAt < asked.at && !this.#hasHit(/^Start$/, asked.at))
      this.violated(`${asked.who} was told to connect to ${host}, whose container had ended`);
    if (!alone || endedAt !== undefined) return;
    const sourceIp = asked.from ?? '';
    if (!allowedCidrs.includes(`${sourceIp}/32`))
      this.violated(`${asked.who} was told that ${allowedCidrs} may connect, expected ${sourceIp}`);
    const row = this.ledger.rows.get(sessionId);
    if (row && isLive(row) && !this.#bastions().containers.letsIn(host, { port, sourceIp })) {
      this.violated(`${asked.who} was told to connect to ${host}, which does not let ${sourceIp} in`);
    }
  }

  /** Whoever asks twice at once, from two places: whichever address came last into the row, the group is not left with the other. */
  #checkSettled(asked: Asked, sessionId: string): void {
    const { who, at, answeredAt = at } = asked;
    const isLast = this.#asked.every(
      (one) =>
        one === asked || one.who !== who || one.at + requestMs < at || (one.answeredAt ?? Infinity) <= answeredAt,
    );
    const row = this.ledger.rows.get(sessionId);
    const mayBeHalfDone = this.#hasHit(/^(Start|Reaper)$/, at - requestMs);
    if (isLast && !mayBeHalfDone && row?.state === 'running') this.checkIngress(row);
  }

  checkIngress(row: Row): void {
    const asked = new Set(this.#asked.filter(({ who }) => who === row.claim).map(({ from }) => from));
    for (const wrong of wrongIngress(this.#bastions().aws, row, asked)) this.violated(wrong);
  }

  /** Nobody has said that the container ended, and yet a reaper that works notices. */
  #checkNoticed(sessionId: string): void {
    const row = this.ledger.rows.get(sessionId);
    if (row && isLive(row) && !this.#hasHit(/Reaper/, this.#now() - noticedMs))
      this.violated(`session ${sessionId} lives although its container ended`);
  }

  /** When the session's container ended by itself, if it did. */
  endedAt(sessionId: string): number | undefined {
    return this.#endedByThemselves.get(sessionId);
  }

  #now(): number {
    return this.#bastions().clock.now();
  }
}
