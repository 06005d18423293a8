/** The page with the identity provider of the local run: Ann, and Olga, who is an admin. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RecordedRun, startRecordedRun } from '../support/recorded-run.ts';
import { inspect, launch, openTab, untilPhase, visit } from './browser.ts';
import { copied, openTerminal } from './terminal.ts';

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

/** Signs in at the identity provider, which asks for no password. */
async function signIn(page: Page, name: 'Ann' | 'Olga'): Promise<void> {
  await untilPhase(page, 'signed-out');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name }).click();
  await page.locator('[data-phase="none"], [data-phase="running"]').waitFor();
}

async function start(page: Page): Promise<void> {
  await page.getByRole('radio', { name: 'Make a new key here' }).check();
  await page.getByRole('button', { name: 'Start bastion' }).click();
  await untilPhase(page, 'running');
}

describe('a person who signs in', () => {
  it('goes from the page to a shell', async () => {
    await using terminal = await openTerminal();
    await using opened = await visit(browser, url);
    const { page, context } = opened;
    await untilPhase(page, 'signed-out');
    await inspect(page, 'signed-out');
    await signIn(page, 'Ann');
    expect(page.url()).toBe(url); // the code has gone from it
    await page.getByText('ann@example.com').waitFor();
    await page.getByText('You have had none in the last 30 days.').waitFor();
    await inspect(page, 'first-visit');

    const [download] = await Promise.all([page.waitForEvent('download'), start(page)]);
    await terminal.save(download);
    for (const label of ['Let ssh read the downloaded key', 'Trust this bastion, and no other machine'])
      await terminal.run(await copied(page, label));
    expect(await terminal.run(await copied(page, 'Log in'), 'echo inside')).toMatchObject({ stdout: 'inside\n' });
    await inspect(page, 'running-of-ann');

    expect(await page.getByRole('heading', { name: 'Everybody' }).count()).toBe(0);
    const stored = await page.evaluate<string>('JSON.stringify([localStorage, sessionStorage, document.cookie])');
    expect(stored).not.toMatch(/eyJ/); // how every token begins
    expect((await context.cookies(url)).filter(({ path }) => path === '/web')).toEqual([]);
    expect(opened.complaints).toEqual([]);
  });

  it('is forgotten by signing out', async () => {
    await using opened = await visit(browser, url);
    const { page } = opened;
    await signIn(page, 'Ann');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click(); // at the identity provider
    await untilPhase(page, 'signed-out');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Ann' }).waitFor(); // it asks again
  });

  it('stays signed in after the token has ended', async () => {
    await using opened = await visit(browser, url);
    const { page } = opened;
    await page.clock.install();
    await page.reload();
    await signIn(page, 'Ann');
    const renewal = page.waitForRequest((request) => (request.postData() ?? '').includes('grant_type=refresh_token'));
    await page.clock.fastForward('59:50');
    await renewal;
    await page.getByText('ann@example.com').waitFor();
    expect(await page.locator('.problem').count()).toBe(0);
    expect(opened.complaints).toEqual([]);
  });

  it('is asked to sign in again when the identity provider renews nothing', async () => {
    await using opened = await visit(browser, url);
    const { page, context } = opened;
    await page.clock.install();
    await page.reload();
    await signIn(page, 'Olga');
    const { page: other } = await openTab(context, url);
    await other.getByRole('button', { name: 'Sign in' }).click(); // whoever is signed in there is not asked
    await other.getByRole('button', { name: 'Sign out' }).click();
    await other.getByRole('button', { name: 'Sign out' }).click();
    await untilPhase(other, 'signed-out');

    await page.clock.fastForward('59:50');
    await page.getByRole('alert').getByText('Your sign-in is over.').waitFor();
    await inspect(page, 'sign-in-over');
    await page.getByRole('button', { name: 'Sign in again' }).click();
    await page.getByRole('button', { name: 'Olga' }).waitFor();
  });
});

describe('an admin who signs in', () => {
  it('sees everybody, and stops a bastion of another', async () => {
    await using ofAnn = await visit(browser, url);
    await signIn(ofAnn.page, 'Ann');
    if ((await ofAnn.page.locator('[data-phase="none"]').count()) > 0) await start(ofAnn.page);

    await using opened = await visit(browser, url);
    const { page } = opened;
    await signIn(page, 'Olga');
    const everybody = page.getByRole('table', { name: 'Everybody’s sessions' });
    await everybody.getByRole('cell', { name: 'ann@example.com' }).first().waitFor();
    await inspect(page, 'admin');
    await everybody.getByRole('button', { name: 'Stop the bastion of ann@example.com' }).click();
    await everybody.getByRole('button', { name: /^Stop now/ }).click();
    await ofAnn.page.locator('.note').getByText('Your bastion was stopped.').waitFor({ timeout: 60_000 });
    expect(opened.complaints).toEqual([]);
  });
});

describe('an answer that no sign-in has asked for', () => {
  it('is refused with a sentence', async () => {
    await using opened = await visit(browser, `${url}?code=stolen&state=x`);
    const { page, requests } = opened;
    await page.getByRole('alert').getByText('This tab has begun no sign-in. Sign in here.').waitFor();
    expect(page.url()).toBe(url);
    expect(requests.filter((one) => one.startsWith('POST'))).toEqual([]);
    await inspect(page, 'sign-in-refused');
  });

  it('is refused also when this tab waits for another', async () => {
    await using opened = await visit(browser, url);
    const { page, requests } = opened;
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Ann' }).waitFor();
    await page.goto(`${url}?code=stolen&state=x`);
    await page.getByRole('alert').getByText('did not pass its checks').waitFor();
    expect(requests.filter((one) => one.startsWith('POST'))).toEqual([]);
  });

  it('signs nobody in with a token in the fragment', async () => {
    await using opened = await visit(browser, `${url}#access_token=forged&id_token=forged&token_type=Bearer`);
    await untilPhase(opened.page, 'signed-out');
    expect(opened.page.url()).toBe(url);
    expect(opened.requests.map((one) => one.replace(local.api, ''))).toEqual(['GET /web', 'GET /web/config']);
  });
});
