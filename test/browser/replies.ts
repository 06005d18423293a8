/** Replies in place of the API's, as a network, a proxy or an API in trouble gives them. The page and its browser are real. */
import type { Page } from 'playwright-core';
import type { SessionList, SessionView } from '../../contracts/api.ts';

type Reply = { readonly status?: number; readonly json: unknown } | { readonly status?: number; readonly text: string };

/** A reply, or `down` for none at all. */
export type Answer = Reply | 'down';

export interface ScriptedApi {
  /** The reply to a look, a start, an extension or a move. A bastion's end always succeeds. */
  bastion: Answer;
  sessions: Answer;
}

export const none: Answer = {
  status: 404,
  json: { ErrorMessage: 'No bastion is live for ann. POST to / starts one.' },
};

export const listOf = (sessions: readonly SessionView[], change: Partial<SessionList> = {}): Answer => ({
  json: { caller: { user: 'ann', isAdmin: false }, sessions, ...change },
});

/** Answers the requests of a page that knows its caller without sign-in. What it answers can change at any time. */
export async function scriptApi(page: Page, change: Partial<ScriptedApi> = {}): Promise<ScriptedApi> {
  const api: ScriptedApi = { bastion: none, sessions: listOf([]), ...change };
  const serve = async (isOne: (url: URL) => boolean, answer: () => Answer) => {
    await page.route(isOne, (route) => {
      const reply = route.request().method() === 'DELETE' ? { json: {} } : answer();
      if (reply === 'down') return route.abort();
      const headers = { 'x-caller-address': '198.51.100.4', date: new Date().toUTCString() };
      const { status = 200 } = reply;
      if ('json' in reply) return route.fulfill({ status, json: reply.json, headers });
      return route.fulfill({ status, body: reply.text, contentType: 'text/html' });
    });
  };
  await serve(
    ({ pathname }) => pathname === '/',
    () => api.bastion,
  );
  await serve(
    ({ pathname }) => pathname === '/sessions',
    () => api.sessions,
  );
  return api;
}

const minute = 60_000;

/** A bastion that runs. @param leftMinutes for which it does so */
export function running(leftMinutes: number, change: Partial<SessionView> = {}): SessionView {
  const now = Date.now();
  return {
    sessionId: 'running',
    user: 'ann',
    state: 'running',
    host: '203.0.113.7',
    port: 22,
    login: 'bastion',
    hostKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIImyruQonE'],
    keyFingerprint: 'SHA256:Ul26LamhpbkCSfM6+PDSepwjnL2ooKoXIRtbK9EPmx8',
    allowedCidrs: ['198.51.100.4/32'],
    createdAt: new Date(now - minute).toISOString(),
    expiresAt: new Date(now + leftMinutes * minute).toISOString(),
    startedFrom: '198.51.100.4',
    cost: { perHour: 0.0149, soFar: 0, currency: 'USD' },
    ...change,
  };
}

/** A bastion of the past. */
export function ended(number: number, change: Partial<SessionView> = {}): SessionView {
  const { host: _, port: __, ...session } = running(-number, change);
  const createdAt = new Date(Date.now() - (number + 60) * minute).toISOString();
  const endedAt = new Date(Date.now() - number * minute).toISOString();
  return {
    ...session,
    sessionId: `ended-${number}`,
    state: 'stopped',
    createdAt,
    endedAt,
    reason: 'stopped',
    ...change,
  };
}
