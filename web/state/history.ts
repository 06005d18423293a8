/** The sessions of a person, or for admins of everybody, page by page. */
import type { Caller, PoolView, SessionState, SessionView } from '../../contracts/api.ts';
import type { Api } from '../api/client.ts';
import { Offline, Refused } from '../api/errors.ts';
import { Store } from './store.ts';

export interface HistoryState {
  /** The state that the sessions are in. Undefined for all. */
  readonly filter: SessionState | undefined;
  /** Undefined until the first page is there. */
  readonly sessions: readonly SessionView[] | undefined;
  readonly next: string | undefined;
  readonly pool: PoolView | undefined;
  /** Undefined until the first page is there. */
  readonly caller: Caller | undefined;
  readonly isLoading: boolean;
  readonly problem: string | undefined;
}

const initial: HistoryState = {
  filter: undefined,
  sessions: undefined,
  next: undefined,
  pool: undefined,
  caller: undefined,
  isLoading: false,
  problem: undefined,
};

/** Sessions in one page of the API. */
const pageLength = { usual: 20, most: 100 } as const;

/** A session that is being removed is gone within a minute at the latest. Meanwhile its list loads again at this pace. */
const removalPauseMs = 3000;
const mostRemovalLooks = 30;

/** A list that did not come is asked for again at this pace. */
const retryMs = 5000;

export class History extends Store<HistoryState> {
  readonly #api: Api;
  /** The API's time. */
  readonly now: () => number;
  readonly #onSessions: (sessions: readonly SessionView[]) => void;
  readonly #user: string | undefined;
  #timer: number | undefined;
  #looks = 0;
  #latestLoad = 0;

  /**
   * @param onSessions is called with each page
   * @param now the API's time
   * @param user whose sessions these are. Without one they are those that the API shows to the caller: for an admin, all.
   */
  constructor(api: Api, onSessions: (sessions: readonly SessionView[]) => void, now: () => number, user?: string) {
    super(initial);
    this.#api = api;
    this.#onSessions = onSessions;
    this.now = now;
    this.#user = user;
  }

  readonly reload = (): Promise<void> => {
    this.#looks = 0;
    return this.#load(undefined);
  };

  readonly filterBy = (filter: SessionState | undefined): Promise<void> => {
    this.change({ filter });
    return this.reload();
  };

  readonly loadMore = (): Promise<void> => this.#load(this.state.next);

  /** Stops a person's bastion, and loads the list again. */
  async stop(user: string): Promise<void> {
    try {
      await this.#api.stop(user);
      await this.reload();
    } catch (error) {
      this.change({ problem: sentenceOf(error) });
    }
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  /** Loads the list again, as much of it as is shown, or what follows it. */
  async #load(next: string | undefined): Promise<void> {
    clearTimeout(this.#timer);
    this.#latestLoad += 1;
    const load = this.#latestLoad;
    const shown = next === undefined ? (this.state.sessions?.length ?? 0) : 0;
    const limit = Math.min(Math.max(shown, pageLength.usual), pageLength.most);
    this.change({ isLoading: true });
    try {
      const page = await this.#api.history({
        ...(this.#user !== undefined && { user: this.#user }),
        ...(this.state.filter !== undefined && { state: this.state.filter }),
        ...(next !== undefined && { next }),
        limit,
      });
      if (load !== this.#latestLoad) return; // a later request has another filter, or newer facts
      const earlier = next === undefined ? [] : (this.state.sessions ?? []);
      this.change({
        sessions: [...earlier, ...page.sessions],
        next: page.next,
        isLoading: false,
        problem: undefined,
        ...(page.caller && { caller: page.caller }),
        // The API shows it on the first page of all sessions alone.
        ...(next === undefined && this.state.filter === undefined && { pool: page.pool }),
      });
      this.#onSessions(page.sessions);
      this.#watchRemovals(page.sessions);
    } catch (error) {
      if (load !== this.#latestLoad) return;
      this.change({ isLoading: false, problem: sentenceOf(error) });
      if (next === undefined && mayPass(error)) this.#timer = window.setTimeout(() => void this.#load(next), retryMs);
    }
  }

  #watchRemovals(sessions: readonly SessionView[]): void {
    const now = this.now();
    const isWaiting = sessions.some((session) => isEnding(session, now));
    if (!isWaiting || this.#looks >= mostRemovalLooks) return;
    this.#looks += 1;
    this.#timer = window.setTimeout(() => void this.#load(undefined), removalPauseMs);
  }
}

/** Its removal is under way, or due. @param now the API's time */
export const isEnding = ({ state, expiresAt }: SessionView, now: number): boolean =>
  state === 'stopping' || ((state === 'running' || state === 'starting') && Date.parse(expiresAt) <= now);

/** Whether the same request may succeed a little later. */
const mayPass = (error: unknown): boolean =>
  error instanceof Offline || (error instanceof Refused && (error.status === 429 || error.status >= 500));

const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
