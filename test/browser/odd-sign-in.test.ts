/** Sign-in when something on the way is not as it should be: clocks, networks, an issuer in trouble, a page of somebody else. */
import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RecordedRun, startRecordedRun } from '../support/recorded-run.ts';
import { launch, openTab, untilPhase, visit } from './browser.ts';

let browser: Browser;
let local: RecordedRun;
let url: string;

beforeAll(async () => {
  [browser, local] = await Promise.all([launch(), startRecordedRun({}, { issuerPort: 0, tokenSeconds: 3600 })]);
  url = `${local.api}/web`;
});

afterAll(async () => {
  await browser.close();
  await local.stop();
});

async function signIn(page: Page): Promise<void> {
  await untilPhase(page, 'signed-out');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Ann' }).click();
  await page.getByText('ann@example.com').waitFor();
}

/** Goes to the identity provider and stays there. @returns the state of the request */
async function beginSignIn(page: Page): Promise<string> {
  await untilPhase(page, 'signed-out');
  const [request] = await Promise.all([
    page.waitForRequest((one) => one.url().includes('/auth?')),
    page.getByRole('button', { name: 'Sign in' }).click(),
  ]);
  await page.getByRole('button', { name: 'Ann' }).waitFor();
  return new URL(request.url()).searchParams.get('state') ?? '';
}

const tokenEndpoint = ({ pathname }: URL) => pathname === '/token';
const ownRoute = ({ pathname }: URL) => pathname === '/me';
const hour = 3_600_000;

describe('a clock that is wrong', () => {
  it.each([
    ['ahead', 2 * hour],
    ['behind', -2 * hour],
  ])('by two hours, %s, keeps nobody out', async (_, skew) => {
    await using opened = await visit(browser, 'about:blank');
    const { page } = opened;
    await page.clock.install({ time: Date.now() + skew });
    await page.goto(url);
    await signIn(page);
    expect(await page.locator('.problem').count()).toBe(0);
    expect(opened.complaints).toEqual([]);
  });
});

describe('a token that ends', () => {
  it('while the identity provider is out of reach is renewed later', async () => {
    await using opened = await visit(browser, 'about:blank');
    const { page } = opened;
    await page.clock.install();
    await page.goto(url);
    await signIn(page);
    await page.route(tokenEndpoint, (route) => route.abort());
    await page.clock.fastForward('01:00:10');
    const problem = page.getByRole('alert').getByText('does not answer, so your sign-in is not renewed yet.');
    await problem.first().waitFor();
    await page.unroute(tokenEndpoint);
    await page.clock.fastForward('00:10');
    await page.getByRole('heading', { name: 'Start a bastion' }).waitFor();
    await expect.poll(() => page.locator('.problem').count()).toBe(0);
    expect(await page.getByText('Your sign-in is over.').count()).toBe(0);
  });

  it('earlier than the identity provider has said is renewed when the API refuses it', async () => {
    await using opened = await visit(browser, url);
    const { page, requests } = opened;
    const refuseOnce = (route: Route) => route.fulfill({ status: 401, json: { message: 'Unauthorized' } });
    await page.route(ownRoute, refuseOnce, { times: 1 });
    await signIn(page);
    await untilPhase(page, 'none');
    expect(await page.locator('.problem').count()).toBe(0);
    expect(requests.filter((one) => one.startsWith('POST') && one.endsWith('/token'))).toHaveLength(2);
  });

  it('is asked for once more alone, when the API refuses every token', async () => {
    await using opened = await visit(browser, url);
    const { page, requests } = opened;
    await page.route(ownRoute, (route) => route.fulfill({ status: 401, json: { message: 'Unauthorized' } }));
    await signIn(page);
    await page.getByRole('alert').getByText('Your sign-in is over.').waitFor();
    expect(requests.filter((one) => one.endsWith('/token'))).toHaveLength(2);
  });

  it('without the scope is told in a sentence', async () => {
    await using opened = await visit(browser, url);
    const { page } = opened;
    await page.route(ownRoute, (route) => route.fulfill({ status: 403, json: { message: 'Forbidden' } }));
    await signIn(page);
    await page.getByRole('alert').getByText('Your sign-in lacks the scope that this deployment requires.').waitFor();
  });
});

describe('an identity provider in trouble', () => {
  it.each<[string, (route: Route) => Promise<void>, string]>([
    [
      'answers with a page',
      (route) => route.fulfill({ status: 502, body: '<h1>Bad gateway</h1>' }),
      'does not answer as an identity provider does',
    ],
    ['does not answer', (route) => route.abort(), 'does not answer this page'],
    ['answers with something else', (route) => route.fulfill({ json: { access_token: 1 } }), 'did not pass its checks'],
  ])('that %s is told in a sentence', async (_, answer, sentence) => {
    await using opened = await visit(browser, url);
    const { page } = opened;
    const headers = { 'access-control-allow-origin': local.api };
    await page.route(tokenEndpoint, async (route) => {
      await answer(
        Object.assign(Object.create(route), { fulfill: (reply: object) => route.fulfill({ ...reply, headers }) }),
      );
    });
    await beginSignIn(page);
    await page.getByRole('button', { name: 'Ann' }).click();
    await page.getByRole('alert').getByText(sentence).waitFor();
    await untilPhase(page, 'signed-out');
  });

  it('that sends markup with its error shows it as text', async () => {
    await using opened = await visit(browser, url);
    const { page } = opened;
    const state = await beginSignIn(page);
    const description = '<img src=x onerror="document.title=1"><script>document.title=1</script>';
    const query = new URLSearchParams({
      error: 'server_error',
      error_description: description,
      state,
      iss: local.issuer ?? '',
    });
    await page.goto(`${url}?${query}`);
    await page.getByRole('alert').getByText(`Your identity provider refused the sign-in: ${description}`).waitFor();
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.title()).toBe('Bastion');
    expect(opened.complaints).toEqual([]);
  });

  it('of another name signs nobody in with its code', async () => {
    await using opened = await visit(browser, url);
    const { page, requests } = opened;
    const state = await beginSignIn(page);
    await page.goto(`${url}?${new URLSearchParams({ code: 'x', state, iss: 'https://evil.test' })}`);
    await page.getByRole('alert').getByText('did not pass its checks').waitFor();
    expect(requests.filter((one) => one.startsWith('POST'))).toEqual([]);
  });
});

describe('tokens', () => {
  it('stand in no address, no referrer and no cookie for the page', async () => {
    await using opened = await visit(browser, url);
    const { page, requests } = opened;
    const referrers: string[] = [];
    page.on('request', (request) => {
      const { referer } = request.headers();
      if (referer?.startsWith(local.api)) referrers.push(`${request.url()} from ${referer}`);
    });
    await signIn(page);
    await untilPhase(page, 'none');
    expect(requests.filter((one) => /eyJ|access_token|refresh_token/.test(one))).toEqual([]);
    expect(referrers).toEqual([]);
  });

  it('of two tabs are asked for at once without a mix-up', async () => {
    await using opened = await visit(browser, url);
    const { page: first, context } = opened;
    const { page: second } = await openTab(context, url);
    await beginSignIn(first);
    await beginSignIn(second);
    await second.getByRole('button', { name: 'Ann' }).click();
    await second.getByText('ann@example.com').waitFor();
    await first.getByRole('button', { name: 'Ann' }).click();
    await first.getByText('ann@example.com').waitFor();
  });
});

describe('a person who has signed out', () => {
  it('leaves nothing to see for the browser’s button for going back', async () => {
    await using opened = await visit(browser, url);
    const { page } = opened;
    await signIn(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign out' }).waitFor(); // at the identity provider
    await page.goBack();
    await untilPhase(page, 'signed-out');
    expect(await page.getByText('ann@example.com').count()).toBe(0);
  });
});
