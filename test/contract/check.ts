import { setTimeout as pause } from 'node:timers/promises';
import type { Account } from './account.ts';

/** One behaviour of AWS on which the project depends. */
export interface Check {
  /** The answer of AWS, reduced to the point of the check: without ids, times and wording. */
  readonly aws: unknown;
  /** Makes the calls in an account, and reduces the answers in the same way. */
  readonly observe: (account: Account) => Promise<unknown>;
}

/** The checks of one operation, by the rule that each checks. */
export interface Operation {
  readonly name: string;
  readonly checks: Readonly<Record<string, Check>>;
}

/**
 * Returns `accepted`, `broke down`, or the error's code and HTTP status: `InvalidGroup.NotFound 400`. Rejects if no answer
 * arrives.
 */
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

/** Makes the same call so many times at once, and returns the different outcomes. */
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
 * Repeats a call until its answer is the expected one, and returns the last answer. The pause between two calls stays below the
 * request rates of AWS.
 */
export async function eventually<Answer>(
  ask: () => Promise<Answer>,
  isExpected: (answer: Answer) => boolean,
): Promise<Answer> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (isExpected(answer) || performance.now() > deadline) return answer;
    await pause(pauseMs);
  }
}

/** Returns at most 100 pages, each as the list of its items. */
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
