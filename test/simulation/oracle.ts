/**
 * The judge: watches every call that had its effect and every reply, and says what must never be. It knows what people asked
 * for and which containers ended by themselves; from that, what may be removed and who may be let in.
 */
import { containers } from '../../contracts/agent.ts';
import type { EmulatedAws } from '../../emulator/aws.ts';
import type { Call } from '../../emulator/wire.ts';
import type { Deployment, Request } from '../support/deployment.ts';
import { minuteMs, secondMs } from '../support/time.ts';
import { wrongChange } from './endings.ts';
import { skewMs } from './expectations.ts';
import { agentOf } from './faults.ts';
import { wrongIngress } from './ingress.ts';
import { isLive, Ledger, type Row } from './ledger.ts';
import { wrongReply } from './replies.ts';
import { type Answer, type Asked, overAt, Requests } from './requests.ts';

/** Without a fault, everybody who was about to apply addresses has done so. */
const settledMs = 15 * secondMs;
/** A check-up comes every five minutes; after it, a reaper pass or two. */
export const noticedMs = 7 * minuteMs;

/** Between two looks of the sweeper, as its two clocks may see it. */
const confirmedMs = 10 * minuteMs - skewMs;

export class Oracle {
  readonly ledger = new Ledger();
  readonly requests = new Requests();
  readonly violations: string[] = [];
  readonly history: string[] = [];
  faults = 0;
  readonly #bastions: () => Deployment;
  /** Session to when its container ended by itself. */
  readonly #endedByThemselves = new Map<string, number>();
  #startedAt = 0;
  /** When the sweeper looked for the first time. */
  #sweptSince: number | undefined;
  /** By the function that it happened to. */
  readonly #lastFaults = new Map<string, number>();
  #begun = false;

  constructor(bastions: () => Deployment) {
    this.#bastions = bastions;
  }

  /** How many sessions there have been; who lost the race for a claim has had none. */
  get sessions(): number {
    return this.ledger.rows.size;
  }

  get aws(): EmulatedAws {
    return this.#bastions().aws;
  }

  get containers(): Deployment['containers'] {
    return this.#bastions().containers;
  }

  now(): number {
    return this.#bastions().clock.now();
  }

  begin(): void {
    this.#begun = true;
    this.#startedAt = this.now();
  }

  /** @param victim the function that it happens to */
  fault(victim: string, what: string): void {
    this.#lastFaults.set(victim, this.now());
    this.requests.current?.faults.push(what);
    this.faults++;
    this.note(`fault: ${victim} ${what}`);
  }

  note(line: string): void {
    const seconds = (this.now() - this.#startedAt) / 1000;
    this.history.push(`+${seconds.toFixed(3).padStart(9)} s  ${line}`);
  }

  /** Sends a request, remembers that it was asked for, and checks that the reply tells the truth. */
  async ask(who: string, route: string, request: Request): Promise<Answer | undefined> {
    const asked: Asked = { who, route, request, at: this.now(), found: this.ledger.holderOf(who), faults: [] };
    this.requests.enter(asked);
    this.note(`${who}: ${route}${request.from ? ` from ${request.from}` : ''} ${JSON.stringify(request.query ?? {})}`);
    const answer = await this.requests
      .answer(asked, () => this.#bastions().send(route, request))
      .catch((error: unknown) => this.#noAnswer(asked, error));
    asked.outcome = { at: this.now(), answer };
    if (answer) this.note(`${who}: ${route} -> ${answer.status} ${answer.body.slice(0, 120)}`);
    this.#violatedAll(wrongReply(this, asked, answer));
    if (route === 'POST /' && answer?.status === 200)
      this.#bastions().clock.after(settledMs, () => this.#checkSettled(asked, answer.json.sessionId));
    return answer;
  }

  #noAnswer({ who, route }: Asked, error: unknown): undefined {
    this.note(`${who}: ${route} -> no answer (${error instanceof Error ? error.message.slice(0, 80) : error})`);
  }

  /** Somebody's container ends by itself, if one runs. */
  endContainerOf(who: string, code: number): void {
    const row = [...this.ledger.rows.values()].find((one) => isLive(one) && one.claim === who && one.taskArn);
    const taskId = row?.taskArn?.split('/').at(-1);
    const aside: readonly string[] = [containers.ready, containers.up];
    const container = this.containers.running().find((one) => one.taskId === taskId && !aside.includes(one.name));
    if (!row || !container) return;
    this.note(`${who}: its container ends with code ${code}`);
    this.#endedByThemselves.set(row.sessionId, this.now());
    this.#bastions().clock.after(noticedMs, () => this.#checkNoticed(row.sessionId));
    this.containers.exit(container.taskId, container.name, code);
  }

  /** Every call that had its effect goes through here. `by` is the function that makes it. */
  async watch(call: Call, proceed: () => Promise<unknown>, by?: string): Promise<unknown> {
    if (by === 'Sweeper') this.#checkSweep(call);
    const output = await proceed();
    if (call.kind !== 'api' || !this.#begun) return output;
    const request = this.requests.current;
    const change = this.ledger.note(call, output, this.now(), request);
    if (change) {
      const { before, after } = change;
      const { sessionId, claim } = after ?? before ?? {};
      if (before?.state !== after?.state)
        this.note(
          `row ${sessionId?.slice(-4)} of ${claim}: ${before?.state ?? 'new'} -> ${after?.state ?? 'deleted'} ${after?.reason ?? ''}`,
        );
      this.#violatedAll(wrongChange(this, change, request));
    }
    if (call.action === 'StopTask') this.#checkStop(String(Object(call.input).task));
    if (call.action === 'RunTask') this.#checkOneBastion();
    return output;
  }

  violated(what: string): void {
    this.note(`VIOLATION: ${what}`);
    this.violations.push(what);
  }

  #violatedAll(wrongs: readonly string[]): void {
    for (const wrong of wrongs) this.violated(wrong);
  }

  /** Whether a fault has hit one of these functions since. */
  #hasHit(functions: RegExp, since: number): boolean {
    return [...this.#lastFaults].some(([victim, at]) => at >= since && functions.test(victim));
  }

  /** Its container has, by itself. */
  hasEnded({ sessionId, taskArn = '' }: Row): boolean {
    return this.#endedByThemselves.has(sessionId) || this.ledger.stopped.has(taskArn) || this.#hasGivenUp(taskArn);
  }

  /** An agent that could not have its handoff. */
  #hasGivenUp(taskArn: string): boolean {
    const taskId = taskArn.split('/').at(-1) ?? '';
    const isRunning = this.containers.running().some((container) => container.taskId === taskId);
    return this.#lastFaults.has(agentOf(taskId)) && !isRunning;
  }

  /** When the session's container ended by itself, if it did. */
  endedAt(sessionId: string): number | undefined {
    return this.#endedByThemselves.get(sessionId);
  }

  /**
   * The lifecycle leaves nothing: whatever the sweeper finds of a session is a leak that it would cover up. And what it removes it
   * has seen ten minutes before.
   */
  #checkSweep({ action, input }: Call): void {
    const { task, GroupId } = Object(input);
    this.#sweptSince ??= this.now();
    const group = this.aws.ec2.groups.all().find(({ id }) => id === GroupId);
    const sessionId = action === 'StopTask' ? this.ledger.tasks.get(task) : group?.tags.get('bastion:session');
    const isRemoval = action === 'StopTask' || action === 'DeleteSecurityGroup';
    if (!isRemoval) return;
    if (sessionId !== undefined && this.ledger.rows.has(sessionId))
      this.violated(`session ${sessionId} has left something for the sweeper: ${action}`);
    if (this.now() < this.#sweptSince + confirmedMs) this.violated(`the sweeper asks for ${action} at first sight`);
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

  /** Whoever asks twice at once, from two places: whichever address came last into the row, the group is not left with the other. */
  #checkSettled(asked: Asked, sessionId: string): void {
    const over = overAt(asked);
    const isLast = this.requests.of(asked.who).every((one) => one === asked || overAt(one) <= over);
    const row = this.ledger.rows.get(sessionId);
    const mayBeHalfDone = this.#hasHit(/^(Start|Reaper)$/, asked.at - settledMs);
    if (isLast && !mayBeHalfDone && row?.state === 'running') this.checkIngress(row);
  }

  checkIngress(row: Row): void {
    this.#violatedAll(wrongIngress(this, row));
  }

  /** Nobody has said that the container ended, and yet a reaper that works notices. */
  #checkNoticed(sessionId: string): void {
    const row = this.ledger.rows.get(sessionId);
    if (row && isLive(row) && !this.#hasHit(/Reaper/, this.now() - noticedMs))
      this.violated(`session ${sessionId} lives although its container ended`);
  }
}
