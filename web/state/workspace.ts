/** All that the page knows about one caller: the bastion, the caller's sessions, and for admins everybody's. */
import type { Caller } from '../../contracts/api.ts';
import { type ApiOptions, apiClient } from '../api/client.ts';
import { Bastion } from './bastion.ts';
import { History } from './history.ts';
import { Store } from './store.ts';

export interface WorkspaceState {
  /** Undefined until the API has told who calls. */
  readonly caller: Caller | undefined;
  /** The caller's own sessions. Undefined until the caller is known. */
  readonly own: History | undefined;
}

/** Tabs of one browser tell each other that something has changed. It carries no content, because other people's pages may share it. */
const channelName = 'bastion-changed';

export class Workspace extends Store<WorkspaceState> {
  readonly bastion: Bastion;
  /** The sessions that the API shows to the caller: for an admin, everybody's. */
  readonly all: History;
  readonly #channel = new BroadcastChannel(channelName);

  constructor(token: ApiOptions['token']) {
    super({ caller: undefined, own: undefined });
    this.bastion = new Bastion(
      (onReply) => apiClient({ token, onReply }),
      () => {
        this.#channel.postMessage(undefined);
        this.#reload();
      },
    );
    this.all = new History(this.bastion.api, this.bastion.noteHistory, this.bastion.serverNow);
    this.all.subscribe(() => this.#meet());
  }

  /** Looks, and looks again whenever the person comes back. @returns a function that ends it */
  open(): () => void {
    const lookAgain = () => {
      if (document.visibilityState === 'visible') void this.bastion.look();
    };
    const hear = () => {
      void this.bastion.look();
      this.#reload();
    };
    document.addEventListener('visibilitychange', lookAgain);
    window.addEventListener('online', lookAgain);
    this.#channel.addEventListener('message', hear);
    void this.bastion.look();
    void this.all.reload();
    return () => {
      document.removeEventListener('visibilitychange', lookAgain);
      window.removeEventListener('online', lookAgain);
      this.#channel.close();
      this.bastion.pause();
      this.all.end();
      this.state.own?.end();
    };
  }

  /** An admin stops anybody's bastion, perhaps the own one. */
  readonly stopFor = async (user: string): Promise<void> => {
    await this.all.stop(user);
    this.#channel.postMessage(undefined);
    void this.bastion.look();
  };

  /** The first list that comes says who calls. */
  #meet(): void {
    const { caller } = this.all.state;
    if (caller === undefined || this.state.caller !== undefined) return;
    const { api, noteHistory, serverNow } = this.bastion;
    const own = caller.isAdmin ? new History(api, noteHistory, serverNow, caller.user) : this.all;
    this.change({ caller, own });
    if (own !== this.all) void own.reload();
  }

  #reload(): void {
    const { own } = this.state;
    void this.all.reload();
    if (own !== this.all) void own?.reload();
  }
}
