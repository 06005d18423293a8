/** The judge's second book: every request that an actor sent, and its reply. */
import { AsyncLocalStorage } from 'node:async_hooks';
import * as v from 'valibot';
import type { Deployment, Request } from '../support/deployment.ts';
import { secondMs } from '../support/time.ts';

export type Reply = Awaited<ReturnType<Deployment['send']>>;

export interface SentRequest {
  /** `user#ann` or `activation#<hash>`: whose bastion, or which target. */
  readonly claim: string;
  readonly route: string;
  readonly request: Request;
  readonly sentAt: number;
  /** The session that held the claim and lived when the request was sent. */
  readonly liveSessionId: string | undefined;
  /** The faults that have hit the function at work on this request. */
  readonly faults: string[];
  /** Absent until the function has answered or failed. `reply` is undefined after a failure. */
  outcome?: { readonly at: number; readonly reply: Reply | undefined };
}

/** A function has at most 29 s, and a call that it made in the last of them may still have its effect. */
const longestMs = 35 * secondMs;

/** From this moment on, the request changes nothing any more. */
export function settledAt({ sentAt, outcome }: SentRequest): number {
  return outcome?.reply ? outcome.at : sentAt + longestMs;
}

export class Requests {
  readonly #all: SentRequest[] = [];
  readonly #atWork = new AsyncLocalStorage<SentRequest>();

  enter(sent: SentRequest): void {
    this.#all.push(sent);
  }

  /** Runs `send`. Every call that it makes belongs to this request: see `current`. */
  answer(sent: SentRequest, send: () => Promise<Reply>): Promise<Reply> {
    return this.#atWork.run(sent, send);
  }

  /** The request that the running function works on; undefined outside of one. */
  get current(): SentRequest | undefined {
    return this.#atWork.getStore();
  }

  about(claim: string): readonly SentRequest[] {
    return this.#all.filter((sent) => sent.claim === claim);
  }

  /** The other requests about the same claim that were at work at the same time. */
  concurrentWith(sent: SentRequest): readonly SentRequest[] {
    return this.about(sent.claim).filter(
      (other) => other !== sent && settledAt(other) >= sent.sentAt && settledAt(sent) >= other.sentAt,
    );
  }
}

const sessionName = v.object({
  sessionId: v.optional(v.string()),
  containerId: v.optional(v.string()),
  uniqueId: v.optional(v.string()),
});

/** The session that a reply, or the body of a `/stop`, names. */
export function sessionIdIn(body: string): string | undefined {
  const { sessionId, containerId, uniqueId } = v.parse(v.pipe(v.string(), v.parseJson(), sessionName), body);
  return sessionId ?? containerId ?? uniqueId;
}

/** Whether the reply promises this session to the caller. */
export function grantsSession({ outcome, route }: SentRequest, sessionId: string): boolean {
  const reply = outcome?.reply;
  return (
    /^POST (\/|\/start)$/.test(route) &&
    reply !== undefined &&
    reply.status < 300 &&
    sessionIdIn(reply.body) === sessionId
  );
}
