/** The page under replies that a test of the whole run can't bring about. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RecordedRun, startRecordedRun } from '../support/recorded-run.ts';
import { inspect, launch, untilPhase, visit } from './browser.ts';
import { ended, listOf, none, running, scriptApi } from './replies.ts';

let browser: Browser;
let local: RecordedRun;
let url: string;

beforeAll(async () => {
  [browser, local] = await Promise.all([launch(), startRecordedRun()]);
  url = `${local.api}/web`;
});

afterAll(async () => {
  await browser.close();
  await local.stop();
});

type Options = Parameters<typeof visit>[2];

/** The page over a scripted API. */
async function openPage(change: Parameters<typeof scriptApi>[1], options: Options = {}) {
  const opened = await visit(browser, 'about:blank', options);
  const api = await scriptApi(opened.page, change);
  await opened.page.goto(url);
  return { ...opened, api };
}

const captivePortal = { text: '<html><script>location = "http://portal.test"</script></html>' };

describe('a reply that is not the API’s', () => {
  it('is told in a sentence, and the page goes on once the API answers', async () => {
    await using opened = await openPage({});
    const { page, api } = opened;
    await untilPhase(page, 'none');
    api.bastion = captivePortal;
    await page.getByRole('radio', { name: 'Use my stored key' }).check();
    await page.getByRole('button', { name: 'Start bastion' }).click();
    const alert = page.getByRole('alert');
    await alert.getByText('The answer is not in the form of the API.').waitFor();
    api.bastion = none;
    await alert.getByText('The API answers again, and nothing has changed. Press again.').waitFor();
    expect(await page.getByRole('radio', { name: 'Use my stored key' }).isChecked()).toBe(true);
    api.bastion = { json: running(60) };
    await page.getByRole('button', { name: 'Start bastion' }).click();
    await untilPhase(page, 'running');
    expect(await page.locator('.problem').count()).toBe(0);
    expect(opened.complaints).toEqual([]);
  });

  it('is told when it comes in place of the first look or of the history', async () => {
    await using opened = await openPage({ bastion: captivePortal, sessions: captivePortal });
    const { page, api } = opened;
    await page.getByRole('alert').getByText('The answer is not in the form of the API.').first().waitFor();
    Object.assign(api, { bastion: none, sessions: listOf([ended(1)]) });
    await page.getByRole('table', { name: 'Your bastions so far' }).getByText('stopped').waitFor();
    expect(await page.locator('.problem').count()).toBe(0);
  });
});

describe('a sentence on a phone', () => {
  it('comes into view after a press, and never by itself', async () => {
    await using opened = await openPage({}, { viewport: { width: 360, height: 500 } });
    const { page, api } = opened;
    const isInView = async () => {
      const box = await page.locator('.problem').boundingBox();
      return box !== null && box.y >= 0 && box.y + box.height <= 500;
    };
    await untilPhase(page, 'none');
    await page.getByRole('radio', { name: 'Paste a public key' }).check();
    await page.getByRole('button', { name: 'Start bastion' }).click();
    await page.getByText('Paste your public key first').waitFor();
    await expect.poll(isInView).toBe(true);

    await page.reload();
    await page.getByRole('heading', { name: 'Your bastions so far' }).scrollIntoViewIfNeeded();
    api.bastion = 'down';
    await page.evaluate(`window.dispatchEvent(new Event('online'))`);
    await page.getByText('This page looks again by itself.').waitFor();
    expect(await isInView()).toBe(false);
  });
});

describe('an API in trouble', () => {
  it('leaves no sentence behind once a look succeeds', async () => {
    await using opened = await openPage({ bastion: { status: 500, json: { message: 'Internal Server Error' } } });
    const { page, api } = opened;
    const problem = page.getByRole('alert').getByText('The API could not answer in time.');
    await problem.waitFor();
    api.bastion = none;
    await page.evaluate(`window.dispatchEvent(new Event('online'))`);
    await problem.waitFor({ state: 'detached' });
  });

  it('shows the history later, if it does not come at first', async () => {
    await using opened = await openPage({ sessions: 'down' });
    const { page, api } = opened;
    await untilPhase(page, 'none');
    api.sessions = listOf([ended(1)]);
    await page.getByRole('table', { name: 'Your bastions so far' }).getByText('stopped').waitFor();
  });
});

describe('the clock of a computer that is an hour ahead', () => {
  it('hides no bastion that runs, and changes no countdown', async () => {
    await using opened = await openPage({});
    const { page, api } = opened;
    const session = running(40);
    api.bastion = { json: session };
    api.sessions = listOf([session], { caller: { user: 'ann', isAdmin: true } });
    await page.clock.install({ time: Date.now() + 3_600_000 });
    await page.goto(url);
    await page
      .getByRole('timer')
      .getByText(/^(40:00|39:\d\d)$/)
      .waitFor();
    const everybody = page.getByRole('table', { name: 'Everybody’s sessions' });
    await everybody.getByText('running').waitFor();
    await everybody.getByRole('button', { name: 'Stop the bastion of ann' }).waitFor();
  });
});

describe('an admin’s list', () => {
  it('stays as long as it was when it loads again', async () => {
    const sessions = Array.from({ length: 45 }, (_, number) =>
      running(60, { sessionId: `${number}`, user: `person${number}@example.com` }),
    );
    await using opened = await openPage({});
    const { page } = opened;
    let stopped: string | null = null;
    page.on('request', (request) => {
      if (request.method() === 'DELETE') stopped = new URL(request.url()).searchParams.get('user');
    });
    await page.route('**/sessions*', (route) => {
      const { searchParams } = new URL(route.request().url());
      const [limit, at] = [Number(searchParams.get('limit')), Number(searchParams.get('next') ?? 0)];
      const all = searchParams.has('user')
        ? []
        : sessions.map((session) => (session.user === stopped ? { ...session, state: 'stopping' } : session));
      const next = at + limit < all.length ? { next: `${at + limit}` } : {};
      const caller = { user: 'olga', isAdmin: true };
      return route.fulfill({ json: { caller, sessions: all.slice(at, at + limit), ...next } });
    });
    await page.goto(url);
    const rows = page.getByRole('table', { name: 'Everybody’s sessions' }).locator('tbody tr');
    await page.getByRole('button', { name: 'Show more' }).click();
    await rows.nth(39).waitFor();
    await page.getByRole('button', { name: 'Stop the bastion of person30@example.com' }).click();
    await page.getByRole('button', { name: /^Stop now/ }).click();
    await rows.getByText('being removed').waitFor();
    expect(await rows.count()).toBe(40);
  });
});

describe('long values', () => {
  it('break no line on any screen', async () => {
    const user = 'maximilian-alexander.von-und-zu-hohenlohe+bastion@ex.example.com';
    const session = running(23 * 60, { user, allowedCidrs: ['2001:db8:85a3:1234:5678:8a2e:370:7334/128'] });
    const sessions = [
      session,
      ...Array.from({ length: 49 }, (_, number) =>
        ended(number, { user, startedFrom: '2001:db8:85a3:1234:5678:8a2e:370:7334' }),
      ),
    ];
    await using opened = await openPage({
      bastion: { json: session },
      sessions: listOf(sessions, { caller: { user, isAdmin: true } }),
    });
    const { page } = opened;
    await page.getByRole('table', { name: 'Everybody’s sessions' }).getByText(user).first().waitFor();
    await inspect(page, 'long-values');
    expect(opened.complaints).toEqual([]);
  });
});

describe('times', () => {
  it('are those of the person’s zone, with the exact one on hover', async () => {
    const at = '2026-01-02T23:30:00Z';
    const session = ended(1, { createdAt: at, expiresAt: '2026-01-03T00:30:00Z', endedAt: '2026-01-03T00:00:00Z' });
    await using opened = await openPage({ sessions: listOf([session]) }, { timezoneId: 'Asia/Tokyo', locale: 'en-GB' });
    const time = opened.page.locator('time').first();
    await time.waitFor();
    expect(await time.textContent()).toBe('3 Jan, 08:30');
    expect(await time.getAttribute('title')).toMatch(
      /^Saturday,? 3 January 2026 at 08:30:00 GMT\+9 \(2026-01-02T23:30:00Z\)$/,
    );
  });

  it('of another day have that day beside them', async () => {
    await using opened = await openPage({ bastion: { json: running(23 * 60 + 59) } });
    const until = opened.page.locator('.stage time').first();
    await until.waitFor();
    expect(await until.textContent()).toMatch(/[A-Z][a-z]{2} \d+, /);
  });
});
