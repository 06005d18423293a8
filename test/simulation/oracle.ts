/**
 * The judge. It watches every call that had its effect and every reply, and records each violation. It knows what people asked
 * for and which containers the actors ended, so it knows what may be removed and which address may connect.
 */
import type { EmulatedAws } from '../../emulator/aws.ts';
import type { Call } from '../../emulator/wire.ts';
import type { Deployment, Request } from '../support/deployment.ts';
import type { ScriptedContainers } from '../support/scripted-containers.ts';
import { taskIdOf } from '../support/task-id.ts';
import { secondMs } from '../support/time.ts';
import { Announcements } from './announcements.ts';
import { Deadlines } from './deadlines.ts';
import { changeViolations } from './endings.ts';
import type { Evidence } from './evidence.ts';
import { isAwaited } from './expectations.ts';
import { agentTitle } from './fault-injector.ts';
import { watchHandoffs } from './handoff-lives.ts';
import { ingressViolations } from './ingress.ts';
import { isLive, isUntaken, Ledger, type Row } from './ledger.ts';
import { oneTaskViolations } from './one-task.ts';
import { defaultLimits, type Limits, limitViolations, Places, type PoolLimits, placeViolations } from './places.ts';
import { openingViolations } from './pool.ts';
import { replyViolations } from './replies.ts';
import { type Reply, Requests, type SentRequest, settledAt } from './requests.ts';
import { holdsSecret, leaksIn } from './secrets.ts';
import { Sweeps } from './sweeps.ts';

/** Without a fault, every function has applied its addresses by then. */
const settledMs = 15 * secondMs;
const noPool: PoolLimits = { size: 0, maxAgeMs: 0 };

interface WorldLimits {
  readonly limits: Limits;
  readonly pool: PoolLimits;
  /** Whether the reaper passes once a minute. Default: true. */
  readonly isReaped: boolean;
}

export class Oracle implements Evidence {
  readonly ledger = new Ledger();
  readonly requests = new Requests();
  readonly places = new Places();
  readonly announcements = new Announcements();
  readonly limits: Limits;
  readonly pool: PoolLimits;
  readonly violations: string[] = [];
  readonly history: string[] = [];
  faults = 0;
  readonly #bastions: () => Deployment;
  readonly #isReaped: boolean;
  #startedAt = 0;
  readonly #sweeps = new Sweeps();
  readonly #deadlines = new Deadlines(this, {
    after: (ms, action) => void this.#bastions().clock.after(ms, action),
    record: (violation) => this.record(violation),
    wasReaperHit: (since) => this.wasHit(/Reaper/, since),
  });
  readonly #handoffWatch = {
    ledger: this.ledger,
    record: (violation: string) => this.record(violation),
    after: (ms: number, action: () => void) => void this.#bastions().clock.after(ms, action),
    isAgentWell: (taskId: string) =>
      this.containers.endedAt(taskId) === undefined && !this.#lastFaults.has(agentTitle(taskId)),
  };
  /** The title of each function to the moment of its last fault. */
  readonly #lastFaults = new Map<string, number>();
  #hasBegun = false;

  constructor(
    bastions: () => Deployment,
    { limits = defaultLimits, pool = noPool, isReaped = true }: Partial<WorldLimits> = {},
  ) {
    this.#bastions = bastions;
    this.limits = limits;
    this.pool = pool;
    this.#isReaped = isReaped;
  }

  /** The number of sessions so far. A start that lost the race for a claim counts for none. */
  get sessions(): number {
    return this.ledger.rows.size;
  }

  get aws(): EmulatedAws {
    return this.#bastions().aws;
  }

  get containers(): ScriptedContainers {
    return this.#bastions().containers;
  }

  now(): number {
    return this.#bastions().clock.now();
  }

  begin(): void {
    this.#hasBegun = true;
    this.#startedAt = this.now();
    this.containers.onChange((taskId) => this.#deadlines.expectNoticed(taskId));
  }

  /** @param victim the title of the function that the fault hits */
  fault(victim: string, description: string): void {
    this.#lastFaults.set(victim, this.now());
    this.requests.current?.faults.push(description);
    this.faults++;
    this.note(`fault: ${victim} ${description}`);
  }

  note(line: string): void {
    const seconds = (this.now() - this.#startedAt) / secondMs;
    this.history.push(`+${seconds.toFixed(3).padStart(9)} s  ${line}`);
  }

  /** Sends a request, enters it into the books, and checks that its reply tells the truth. */
  async ask(claim: string, route: string, request: Request): Promise<Reply | undefined> {
    const liveSessionId = this.ledger.liveSessionOf(claim);
    const sent: SentRequest = { claim, route, request, sentAt: this.now(), liveSessionId, faults: [] };
    this.requests.enter(sent);
    this.note(
      `${claim}: ${route}${request.from ? ` from ${request.from}` : ''} ${JSON.stringify(request.query ?? {})}`,
    );
    const reply = await this.requests
      .answer(sent, () => this.#bastions().send(route, request))
      .catch((error: unknown) => this.#noteFailure(sent, error));
    sent.outcome = { at: this.now(), reply };
    if (reply) this.note(`${claim}: ${route} -> ${reply.status} ${reply.body.slice(0, 120)}`);
    this.#recordAll(replyViolations(this, sent, reply));
    if (holdsSecret(reply?.body ?? '')) this.record(`a secret is in the reply to ${route}`);
    if (route === 'POST /' && reply?.status === 200)
      this.#bastions().clock.after(settledMs, () => this.#checkSettled(sent, reply.json.sessionId));
    return reply;
  }

  #noteFailure({ claim, route }: SentRequest, error: unknown): undefined {
    this.note(`${claim}: ${route} -> no answer (${error instanceof Error ? error.message.slice(0, 80) : error})`);
  }

  /** Ends the running container of this claim's live session, if there is one. */
  endContainerOf(claim: string, code: number): void {
    const row = [...this.ledger.rows.values()].find((one) => isLive(one) && one.claim === claim && one.taskArn);
    const taskId = row?.taskArn?.split('/').at(-1);
    const container = this.containers.running().find((one) => one.taskId === taskId);
    if (!row || !container) return;
    this.note(`${claim}: its container ends with code ${code}`);
    this.containers.exit(container.taskId, container.name, code);
  }

  /** Takes down a call once it has had its effect. @param title the title of the function that makes it */
  async watch(call: Call, proceed: () => Promise<unknown>, title?: string): Promise<unknown> {
    if (title === 'Sweeper') this.#recordAll(this.#sweeps.violations(this, call));
    const output = await proceed();
    this.#recordAll(leaksIn(call, output, title));
    if (call.kind !== 'api' || !this.#hasBegun || this.ledger.isRepeat(call, this.now())) return output;
    this.places.note(call, this.now());
    const request = this.requests.current;
    const change = this.ledger.note(call, output, { now: this.now(), request, title });
    if (change) {
      const { before, after } = change;
      const { sessionId, claim } = after ?? before ?? {};
      if (before?.state !== after?.state)
        this.note(
          `row ${sessionId?.slice(-4)} of ${claim}: ${before?.state ?? 'new'} -> ${after?.state ?? 'deleted'} ${after?.reason ?? ''}`,
        );
      this.#recordAll(changeViolations(this, change, request));
      this.#recordAll(
        this.announcements.expect(change, this.now(), (since) => !this.#isReaped || this.wasHit(/Reaper/, since)),
      );
      if (after !== undefined && before?.state !== after.state && isAwaited(after))
        this.#deadlines.expectEndOfStart(after);
      if (before === undefined && after !== undefined && isUntaken(after)) this.#deadlines.expectPoolEnd(after);
      if (after !== undefined) this.#recordAll(placeViolations(this.places, after));
      if (after?.state === 'stopping' && before?.state !== 'stopping') this.#deadlines.expectPlaceFree(after);
    }
    this.#recordAll(openingViolations(this, call));
    this.#recordAll(this.announcements.hear(call));
    watchHandoffs(call, change, this.#handoffWatch);
    if (call.action === 'StopTask') this.#checkStop(String(Object(call.input).task));
    if (call.action === 'RunTask') {
      this.#recordAll(oneTaskViolations(this));
      this.#recordAll(limitViolations(this.ledger, this.limits));
    }
    return output;
  }

  record(violation: string): void {
    this.note(`VIOLATION: ${violation}`);
    this.violations.push(violation);
  }

  #recordAll(violations: readonly string[]): void {
    for (const violation of violations) this.record(violation);
  }

  wasHit(functions: RegExp, since: number): boolean {
    return [...this.#lastFaults].some(([victim, at]) => at >= since && functions.test(victim));
  }

  hasContainerEnded({ sessionId, taskArn = '' }: Row): boolean {
    return this.containerEndedAt(sessionId) !== undefined || this.ledger.stoppedTaskArns.has(taskArn);
  }

  containerEndedAt(sessionId: string): number | undefined {
    const arns = [...this.ledger.tasks].flatMap(([arn, owner]) => (owner === sessionId ? [arn] : []));
    return arns.map((arn) => this.containers.endedAt(taskIdOf(arn))).find((at) => at !== undefined);
  }

  hasComeUp({ taskArn = '', pool }: Row): boolean {
    const taskId = taskIdOf(taskArn);
    const hasKey = pool === undefined || this.containers.keyOf(taskId) !== undefined;
    return hasKey && this.containers.hasComeUp(taskId) && this.ledger.takenTaskIds.has(taskId);
  }

  #checkStop(taskArn: string): void {
    const sessionId = this.ledger.tasks.get(taskArn);
    const row = sessionId === undefined ? undefined : this.ledger.rows.get(sessionId);
    if (sessionId === undefined) this.record(`a task was stopped that belongs to no session: ${taskArn}`);
    else if (row && isLive(row)) this.record(`the task of the live session ${sessionId} was stopped`);
  }

  /** After two simultaneous requests from two places, the group allows the address that came last into the row. */
  #checkSettled(sent: SentRequest, sessionId: string): void {
    const repliedAt = settledAt(sent);
    const isLast = this.requests.about(sent.claim).every((other) => other === sent || settledAt(other) <= repliedAt);
    const row = this.ledger.rows.get(sessionId);
    const mayBeHalfDone = this.wasHit(/^(Start|Reaper)$/, sent.sentAt - settledMs);
    if (isLast && !mayBeHalfDone && row?.state === 'running') this.checkIngress(row);
  }

  checkIngress(row: Row): void {
    this.#recordAll(ingressViolations(this, row));
  }

  /** Looks through everything that the functions have logged. */
  checkLogs(): void {
    if (holdsSecret(this.#bastions().logged)) this.record('a secret is in a log');
  }
}
