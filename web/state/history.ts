/** The sessions of a person, or for admins of everybody, page by page. */
import type { Caller, PoolView, SessionState, SessionView } from '../../contracts/api.ts';
import type { Api } from '../api/client.ts';
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

/** A session that is being removed is gone within a minute at the latest. Meanwhile its list loads again at this pace. */
const removalPauseMs = 3000;
const mostRemovalLooks = 30;

export class History extends Store<HistoryState> {
  readonly #api: Api;
  readonly #onSessions: (sessions: readonly SessionView[]) => void;
  readonly #user: string | undefined;
  #timer: number | undefined;
  #looks = 0;

  /**
   * @param onSessions is called with each page
   * @param user whose sessions these are. Without one they are those that the API shows to the caller: for an admin, all.
   */
  constructor(api: Api, onSessions: (sessions: readonly SessionView[]) => void, user?: string) {
    super(initial);
    this.#api = api;
    this.#onSessions = onSessions;
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

  async #load(next: string | undefined): Promise<void> {
    clearTimeout(this.#timer);
    this.change({ isLoading: true });
    try {
      const page = await this.#api.history({
        ...(this.#user !== undefined && { user: this.#user }),
        ...(this.state.filter !== undefined && { state: this.state.filter }),
        ...(next !== undefined && { next }),
      });
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
      this.change({ isLoading: false, problem: sentenceOf(error) });
    }
  }

  #watchRemovals(sessions: readonly SessionView[]): void {
    const isWaiting = sessions.some(isEnding);
    if (!isWaiting || this.#looks >= mostRemovalLooks) return;
    this.#looks += 1;
    this.#timer = window.setTimeout(() => void this.#load(undefined), removalPauseMs);
  }
}

/** Its removal is under way, or due. */
export const isEnding = ({ state, expiresAt }: SessionView): boolean =>
  state === 'stopping' || ((state === 'running' || state === 'starting') && Date.parse(expiresAt) <= Date.now());

const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
