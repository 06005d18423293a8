/** The pages of the history, from an API that may be another program. */
import { expect, it } from 'vitest';
import { history } from '../../cli/session/history.ts';
import type { SessionList } from '../../contracts/api.ts';
import { runningSession } from './scripted-api.ts';

/** An API that gives the pages in turn, the last one for ever. */
function pagesOf(...pages: readonly SessionList[]) {
  let count = 0;
  return {
    list: async () => pages[Math.min(count++, pages.length - 1)] ?? { sessions: [] },
    get count() {
      return count;
    },
  };
}

const sessions = [runningSession({}), runningSession({})];

it('a history has the sessions of all pages, up to the limit', async () => {
  const api = pagesOf({ sessions, next: 'a' }, { sessions, next: 'b' }, { sessions });
  expect((await history(api, 100)).sessions).toHaveLength(6);
  expect((await history(pagesOf({ sessions, next: 'a' }, { sessions }), 3)).sessions).toHaveLength(3);
});

it.each([
  ['empty pages', [{ sessions: [], next: 'a' }], 1],
  ['a page that follows itself', [{ sessions, next: 'a' }], 2],
])('%s without an end are an error', async (_name, pages, count) => {
  const api = pagesOf(...pages);
  await expect(history(api, 100)).rejects.toThrow(/cannot be used: a page with \d sessions leads to one like it/);
  expect(api.count).toBe(count);
});
