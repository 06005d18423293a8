/** What was asked and what was answered: the judge's second book. */
import { AsyncLocalStorage } from 'node:async_hooks';
import * as v from 'valibot';
import type { Deployment, Request } from '../support/deployment.ts';
import { secondMs } from '../support/time.ts';

export type Answer = Awaited<ReturnType<Deployment['send']>>;

export interface Asked {
  /** The claim that it is about: whose bastion, which target. */
  readonly who: string;
  readonly route: string;
  readonly request: Request;
  readonly at: number;
  /** The session that held the claim and lived when it was asked. */
  readonly found: string | undefined;
  /** What has hit the function that was at work on it. */
  readonly faults: string[];
  /** Absent as long as nobody knows what became of it. */
  outcome?: { readonly at: number; readonly answer: Answer | undefined };
}

/** A function has at most 29 s, and a call that it made in the last of them may still have its effect. */
const longestMs = 35 * secondMs;

/** From when on it changes nothing any more. */
export function overAt({ at, outcome }: Asked): number {
  return outcome?.answer ? outcome.at : at + longestMs;
}

export class Requests {
  readonly #all: Asked[] = [];
  readonly #atWork = new AsyncLocalStorage<Asked>();

  enter(asked: Asked): void {
    this.#all.push(asked);
  }

  /** Has it answered. What is called meanwhile is called for this request: see `current`. */
  answer(asked: Asked, send: () => Promise<Answer>): Promise<Answer> {
    return this.#atWork.run(asked, send);
  }

  /** The request that is being worked on, when one is. */
  get current(): Asked | undefined {
    return this.#atWork.getStore();
  }

  of(who: string): readonly Asked[] {
    return this.#all.filter((asked) => asked.who === who);
  }

  /** Those about the same claim that were at work at the same time. */
  beside(asked: Asked): readonly Asked[] {
    return this.of(asked.who).filter(
      (other) => other !== asked && overAt(other) >= asked.at && overAt(asked) >= other.at,
    );
  }
}

const naming = v.object({
  sessionId: v.optional(v.string()),
  containerId: v.optional(v.string()),
  uniqueId: v.optional(v.string()),
});

/** The session that a reply, or a `/stop`, names. */
export function sessionNamedIn(body: string): string | undefined {
  const { sessionId, containerId, uniqueId } = v.parse(v.pipe(v.string(), v.parseJson(), naming), body);
  return sessionId ?? containerId ?? uniqueId;
}

/** Whether its reply says that it has this session. */
export function isGranted({ outcome, route }: Asked, sessionId: string): boolean {
  const answer = outcome?.answer;
  return (
    /^POST (\/|\/start)$/.test(route) &&
    answer !== undefined &&
    answer.status < 300 &&
    sessionNamedIn(answer.body) === sessionId
  );
}
