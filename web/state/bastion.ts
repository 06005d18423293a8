/** A person's bastion as the page knows it: it looks at it as long as the page is visible, and acts on it. */
import type { SessionView } from '../../contracts/api.ts';
import { type Api, clockAhead, type ReplyFacts, type StartQuery } from '../api/client.ts';
import { Offline, SignedOut } from '../api/errors.ts';
import { Store } from './store.ts';

export type Action = 'start' | 'extend' | 'move' | 'stop';

export interface BastionState {
  /** Undefined until the first look has an answer. */
  readonly isLive: boolean | undefined;
  readonly session: SessionView | undefined;
  /** The session that this page has seen end, as its history tells it. */
  readonly ended: SessionView | undefined;
  /** The moment at which this page saw the start begin, by the browser's clock. */
  readonly startSeenAt: number | undefined;
  /** The action that waits for its answer. */
  readonly acting: Action | undefined;
  /** A sentence about the last action or look that failed. */
  readonly problem: string | undefined;
  /** Whether the problem is the answer to a press, and not of a look that the page has made by itself. */
  readonly isAnswer: boolean;
  readonly isOffline: boolean;
  readonly isSignedOut: boolean;
  readonly callerAddress: string | undefined;
  /** Milliseconds by which the server's clock is ahead of the browser's. */
  readonly clockAheadMs: number;
}

const initial: BastionState = {
  isLive: undefined,
  session: undefined,
  ended: undefined,
  startSeenAt: undefined,
  acting: undefined,
  problem: undefined,
  isAnswer: false,
  isOffline: false,
  isSignedOut: false,
  callerAddress: undefined,
  clockAheadMs: 0,
};

/** Milliseconds between two looks. A start is quick with a pool, and a start that takes minutes needs no quick look. */
const pauses = { starting: 1000, longStart: 5000, running: 15_000, none: 30_000, offline: 3000 } as const;

/** Fargate takes 20 to 30 s. After this time the page looks less often. */
const longStartMs = 120_000;

export class Bastion extends Store<BastionState> {
  readonly #api: Api;
  readonly #onChange: () => void;
  #timer: number | undefined;
  #isLooking = false;
  #actions = 0;
  /** Whose the problem is. That of a look ends with the next look that succeeds. */
  #failed: 'look' | 'unconfirmed action' | 'other' = 'other';

  /** @param onChange is called after each change of the bastion, with which its history changes too */
  constructor(makeApi: (onReply: (facts: ReplyFacts) => void) => Api, onChange: () => void) {
    super(initial);
    this.#api = makeApi((facts) => this.#note(facts));
    this.#onChange = onChange;
  }

  get api(): Api {
    return this.#api;
  }

  /** Looks now, and then again and again while the page is visible. */
  readonly look = async (): Promise<void> => {
    if (this.#isLooking || this.state.acting !== undefined || this.state.isSignedOut) return;
    this.#isLooking = true;
    const actions = this.#actions;
    try {
      const session = await this.#api.look();
      if (actions !== this.#actions) return; // the answer of an action is newer
      this.#recover(session);
      await this.#take(session);
    } catch (error) {
      this.#fail(error, 'look');
    } finally {
      this.#isLooking = false;
      this.#schedule();
    }
  };

  readonly start = (query: StartQuery): Promise<boolean> => {
    this.change({ startSeenAt: Date.now() });
    return this.#act('start', async () => this.#take(await this.#api.start(query)));
  };

  readonly extend = (ttl: string): Promise<boolean> =>
    this.#act('extend', async () => this.#take(await this.#api.start({ ttl })));

  readonly move = (): Promise<boolean> => this.#act('move', async () => this.#take(await this.#api.start({})));

  readonly stop = (): Promise<boolean> =>
    this.#act('stop', async () => {
      await this.#api.stop();
      await this.#take(undefined);
    });

  /** Shows the sentence of a problem that arose in the page itself. */
  readonly complain = (error: unknown): void => this.#fail(error, 'other');

  readonly dismiss = (): void => this.change({ problem: undefined, ended: undefined });

  /** The history tells why the session has ended that this page has seen end. */
  readonly noteHistory = (sessions: readonly SessionView[]): void => {
    const { ended } = this.state;
    const found = ended && sessions.find(({ sessionId }) => sessionId === ended.sessionId);
    if (found && found.state !== ended.state) this.change({ ended: found });
  };

  /** The API's time. The browser's clock may be wrong. */
  readonly serverNow = (): number => Date.now() + this.state.clockAheadMs;

  pause(): void {
    clearTimeout(this.#timer);
  }

  /** @returns whether it succeeded. Else the state has its problem. */
  async #act(action: Action, work: () => Promise<void>): Promise<boolean> {
    if (this.state.acting !== undefined) return false;
    this.#actions += 1;
    this.change({ acting: action, problem: undefined });
    try {
      await work();
      this.change({ acting: undefined, isOffline: false });
      this.#onChange();
      return true;
    } catch (error) {
      this.change({ acting: undefined });
      this.#fail(error, error instanceof Offline ? 'unconfirmed action' : 'other');
      return false;
    } finally {
      this.#schedule();
    }
  }

  async #take(session: SessionView | undefined): Promise<void> {
    const before = this.state.session;
    if (session !== undefined) {
      const isStarting = session.state !== 'running';
      const isSame = before?.sessionId === session.sessionId;
      const isKnown = isSame || this.state.acting === 'start';
      this.change({
        isLive: true,
        session,
        ended: undefined,
        startSeenAt: isStarting ? ((isKnown ? this.state.startSeenAt : undefined) ?? Date.now()) : undefined,
      });
      if (!isSame || before.state !== session.state) this.#onChange();
      return;
    }
    const gone = { isLive: false, session: undefined, startSeenAt: undefined };
    if (before === undefined) return this.change(gone);
    // The reply that finds nothing does not say why. The history does.
    const { sessions } = await this.#api.history({ ...(before.user !== undefined && { user: before.user }) });
    this.change({ ...gone, ended: sessions.find(({ sessionId }) => sessionId === before.sessionId) ?? before });
    this.#onChange();
  }

  #fail(error: unknown, failed: 'look' | 'unconfirmed action' | 'other'): void {
    const problem = error instanceof Error ? error.message : String(error);
    const isOffline = error instanceof Offline;
    // A look that fails as well says nothing about the action before it.
    if (failed !== 'look' || this.state.problem === undefined) this.#failed = failed;
    const isAnswer = failed !== 'look';
    if (error instanceof SignedOut) this.change({ isSignedOut: true, isAnswer, problem });
    else
      this.change({
        isOffline,
        isAnswer,
        problem: isOffline ? `${problem} This page looks again by itself.` : problem,
      });
  }

  /** The API answers. An action whose answer was lost may have been carried out. */
  #recover(session: SessionView | undefined): void {
    if (this.state.problem === undefined || this.#failed === 'other') return;
    const isSame = JSON.stringify(identityOf(session)) === JSON.stringify(identityOf(this.state.session));
    const isLost = this.#failed === 'unconfirmed action' && isSame;
    this.#failed = isLost ? 'other' : 'look';
    this.change({
      isOffline: false,
      problem: isLost ? 'The API answers again, and nothing has changed. Press again.' : undefined,
    });
  }

  #note({ callerAddress, serverNow }: ReplyFacts): void {
    // The header has whole seconds. A change below two seconds is no news, and would make the countdown jump.
    const ahead = clockAhead({ callerAddress, serverNow });
    const clockAheadMs = Math.abs(ahead - this.state.clockAheadMs) < 2000 ? this.state.clockAheadMs : ahead;
    this.change({ clockAheadMs, ...(callerAddress !== undefined && { callerAddress }) });
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (document.visibilityState === 'visible') this.#timer = window.setTimeout(this.look, this.#pauseMs());
  }

  #pauseMs(): number {
    const { session, startSeenAt, isOffline, clockAheadMs } = this.state;
    if (isOffline) return pauses.offline;
    if (session === undefined) return pauses.none;
    if (startSeenAt !== undefined) {
      return Date.now() - startSeenAt > longStartMs ? pauses.longStart : pauses.starting;
    }
    // A second after its end the API no longer shows it.
    const untilEnd = Date.parse(session.expiresAt) - Date.now() - clockAheadMs + 1000;
    return Math.min(pauses.running, Math.max(untilEnd, pauses.starting));
  }
}

/** The facts of a session that actions change. */
const identityOf = (session: SessionView | undefined) =>
  session && [session.sessionId, session.expiresAt, session.allowedCidrs];
