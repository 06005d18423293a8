/** Joins calls that several sessions make at the same time into one call of AWS. */
import { AwsRefused, AwsUnavailable } from '../core/session/errors.ts';
import type { Clock } from '../core/session/ports.ts';

/**
 * One call for several keys, each once. Returns what AWS says of each. A key that AWS has left out, as it may under load, is not
 * among them.
 */
export type CallForAll<Answer> = (keys: readonly string[]) => Promise<ReadonlyMap<string, Answer>>;

interface BatcherOptions<Answer> {
  /** The most keys that AWS takes in one call. */
  readonly most: number;
  readonly callForAll: CallForAll<Answer>;
  /** What the call does, after "could not": "read the sessions". */
  readonly action: string;
  readonly clock: Clock;
}

interface Asked<Answer> {
  readonly key: string;
  readonly answer: PromiseWithResolvers<Answer>;
}

/** Pauses before AWS is asked again for what it has left out. */
const pausesMs = [100, 300, 900];

/**
 * Makes one call at a time, and puts the keys that callers ask for meanwhile into the next one. A batcher belongs to one pass: a call
 * that never ends would hold up those of the next.
 */
export class Batcher<Answer> {
  readonly #options: BatcherOptions<Answer>;
  #asked: Asked<Answer>[] = [];
  #isCalling = false;

  constructor(options: BatcherOptions<Answer>) {
    this.#options = options;
  }

  /** Returns what AWS says of the key. Throws the failure of its call, and `AwsUnavailable` if AWS leaves it out again and again. */
  ask(key: string): Promise<Answer> {
    const answer = Promise.withResolvers<Answer>();
    this.#asked.push({ key, answer });
    if (!this.#isCalling) {
      this.#isCalling = true;
      // After all that goes on in this moment has asked too.
      process.nextTick(() => void this.#callWhileAsked());
    }
    return answer.promise;
  }

  async #callWhileAsked(): Promise<void> {
    while (this.#asked.length > 0) {
      const batch = this.#asked.slice(0, this.#options.most);
      this.#asked = this.#asked.slice(this.#options.most);
      await this.#answer(batch);
    }
    this.#isCalling = false;
  }

  /** One wrong key makes AWS refuse them all. So those of a refused call are asked in halves, and the wrong one harms itself alone. */
  async #answer(batch: readonly Asked<Answer>[]): Promise<void> {
    try {
      await this.#answerAll(batch);
    } catch (error) {
      if (batch.length === 1 || !(error instanceof AwsRefused)) {
        for (const { answer } of batch) answer.reject(error);
        return;
      }
      const half = Math.ceil(batch.length / 2);
      await this.#answer(batch.slice(0, half));
      await this.#answer(batch.slice(half));
    }
  }

  async #answerAll(batch: readonly Asked<Answer>[]): Promise<void> {
    const { callForAll, clock, action } = this.#options;
    let unanswered = batch;
    for (const pauseMs of [0, ...pausesMs]) {
      if (pauseMs > 0) await clock.sleep(pauseMs);
      const answers = await callForAll([...new Set(unanswered.map(({ key }) => key))]);
      for (const { key, answer } of unanswered) {
        const known = answers.get(key);
        if (known !== undefined) answer.resolve(known);
      }
      unanswered = unanswered.filter(({ key }) => !answers.has(key));
      if (unanswered.length === 0) return;
    }
    for (const { answer } of unanswered)
      answer.reject(new AwsUnavailable(`AWS could not ${action} right now: it left some of them out.`));
  }
}
