/** The end of the bastion behind a tunnel: it comes later while the tunnel is used, if the person wants that, or is announced. */
import type { SessionView } from '../../contracts/api.ts';
import type { TunnelUse } from '../ssh/tunnel-use.ts';
import { noteExpiry } from '../state/session.ts';
import { untilText } from '../terminal/session-text.ts';
import type { Context } from './context.ts';

/** The person hears of an end that is nearer than these, the last one first. Terminals on the bastion hear of it at the same times. */
const noticesMs = [5 * 60_000, 15 * 60_000] as const;
const checkMs = 10_000;
/** A request that brings less than this has met the cap. */
const leastGainMs = 60_000;

export interface ExpiryOptions {
  /** Undefined where the person wants no extension. */
  readonly use: TunnelUse | undefined;
  /** As on the command line: `90m`. */
  readonly ttl: string;
}

interface Surroundings extends Pick<Context, 'folder'> {
  readonly api: Pick<Context['api'], 'look' | 'start'>;
  readonly terminal: Pick<Context['terminal'], 'note' | 'warn'>;
}

export class TunnelExpiry {
  readonly #context: Surroundings;
  readonly #options: ExpiryOptions;
  #expiresAt = 0;
  /** The last notice of this end. Infinity: none yet. */
  #noticedMs = Infinity;
  /** No extension is possible any more. */
  #isCapped = false;
  #check: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(context: Surroundings, options: ExpiryOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** Takes the expiry of a reply, and keeps an eye on it from now on. */
  watch({ expiresAt }: Pick<SessionView, 'expiresAt'>): void {
    this.#set(Date.parse(expiresAt));
    this.#timer ??= setInterval(() => this.check(), checkMs).unref();
    this.check();
  }

  get expiresAt(): number {
    return this.#expiresAt;
  }

  /** Extends or announces, if it is time. At most one check runs at once. */
  check(): void {
    this.#check ??= this.#act().finally(() => {
      this.#check = undefined;
    });
  }

  end(): void {
    clearInterval(this.#timer);
  }

  async #act(): Promise<void> {
    if (this.#isDue) await this.#extend().catch((error: unknown) => this.#complain(error));
    if (this.#dueNoticeMs === undefined) return;
    await this.#announce().catch(() => {}); // the next check asks again
  }

  get #dueNoticeMs(): number | undefined {
    const noticeMs = noticesMs.find((ms) => this.#left < ms);
    return noticeMs !== undefined && this.#left > 0 && noticeMs < this.#noticedMs ? noticeMs : undefined;
  }

  get #left(): number {
    return this.#expiresAt - Date.now();
  }

  /** Half of the time is over, and somebody has used the tunnel in it. */
  get #isDue(): boolean {
    const { use, ttl } = this.#options;
    return use?.isUsed === true && !this.#isCapped && this.#left > 0 && this.#left < milliseconds(ttl) / 2;
  }

  async #extend(): Promise<void> {
    const { api, folder, terminal } = this.#context;
    const { use, ttl } = this.#options;
    const before = this.#expiresAt;
    const view = await api.start({ ttl, wait: 0 });
    noteExpiry(folder, view);
    this.#set(Date.parse(view.expiresAt));
    use?.forget();
    if (this.#expiresAt - before >= leastGainMs) return;
    this.#isCapped = true;
    this.#noticedMs = 0;
    terminal.warn(
      `The bastion ends at the latest moment that its deployment allows: ${untilText(view.expiresAt, Date.now())}. "bastion down" and a new one go on.`,
    );
  }

  /** Once for each expiry: the next check tries again. */
  #complain(error: unknown): void {
    if (this.#noticedMs === 0) return;
    this.#noticedMs = 0;
    const reason = error instanceof Error ? error.message : String(error);
    this.#context.terminal.warn(`The bastion could not be extended: ${reason}`);
  }

  /** Somebody may have extended it elsewhere, so the API has the last word. */
  async #announce(): Promise<void> {
    const view = await this.#context.api.look();
    if (view !== undefined) this.#set(Date.parse(view.expiresAt));
    const noticeMs = this.#dueNoticeMs;
    if (noticeMs === undefined) return;
    this.#noticedMs = noticeMs;
    this.#context.terminal.note(
      `until ${untilText(new Date(this.#expiresAt).toISOString(), Date.now())}. "bastion extend 1h" gives it more time.`,
    );
  }

  #set(expiresAt: number): void {
    if (expiresAt - this.#expiresAt >= leastGainMs) this.#noticedMs = Infinity;
    this.#expiresAt = expiresAt;
  }
}

/** Of `90m` or `2h`. The API refuses other texts. */
function milliseconds(ttl: string): number {
  const [, digits = '0', unit] = /^([0-9]{1,6})([mh])$/.exec(ttl) ?? [];
  return Number(digits) * (unit === 'h' ? 3_600_000 : 60_000);
}
