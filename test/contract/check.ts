import { setTimeout as pause } from 'node:timers/promises';
import type { Account } from './account.ts';

/** One thing AWS does that this project counts on. */
export interface Check {
  /** What AWS answers, reduced to what matters: no ids, no times, no wording. */
  readonly aws: unknown;
  /** Does it to an account and reduces the answers in the same way. */
  readonly observe: (account: Account) => Promise<unknown>;
}

/** The checks of one operation, each under the rule it is about. */
export interface Operation {
  readonly name: string;
  readonly checks: Readonly<Record<string, Check>>;
}

/** `accepted`, `broke down`, or the error's code and HTTP status: `InvalidGroup.NotFound 400`. Rejects when nobody answers. */
export async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'accepted';
  } catch (error) {
    const status = statusOf(error);
    if (!(error instanceof Error) || status === undefined) throw error;
    return status === 500 ? 'broke down' : `${error.name} ${status}`;
  }
}

/** The different outcomes of the same call, made so often at once that AWS serves some of them only. */
export async function outcomesOf(call: () => Promise<unknown>, times: number): Promise<readonly string[]> {
  return [...new Set(await Promise.all(Array.from({ length: times }, () => outcomeOf(call()))))].sort();
}

function statusOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined;
  const metadata = error.$metadata;
  return typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
    ? metadata.httpStatusCode
    : undefined;
}

const limitMs = 5000;
const pauseMs = 50;

/**
 * Asks until the answer is the wanted one, and returns the last answer. AWS tells nobody when something is done, so that
 * asking again is the only way; the pause keeps below the rates at which AWS (and the emulated one) answers.
 */
export async function eventually<Answer>(
  ask: () => Promise<Answer>,
  isWanted: (answer: Answer) => boolean,
): Promise<Answer> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer) || performance.now() > deadline) return answer;
    await pause(pauseMs);
  }
}

/** All pages, each as the list of what it holds; gives up on a listing that never ends. */
export async function pagesOf<Item, Token>(
  ask: (token: Token | undefined) => Promise<{ readonly items: readonly Item[]; readonly next: Token | undefined }>,
): Promise<readonly (readonly Item[])[]> {
  const pages: (readonly Item[])[] = [];
  let token: Token | undefined;
  do {
    const { items, next } = await ask(token);
    pages.push(items);
    token = next;
  } while (token !== undefined && pages.length < 100);
  return pages;
}
