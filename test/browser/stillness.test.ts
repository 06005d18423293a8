/** The page keeps still: no element moves by itself, as the browser measures it. https://web.dev/articles/cls */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RecordedRun, startRecordedRun } from '../support/recorded-run.ts';
import { launch, openTab, untilPhase } from './browser.ts';

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

/** Sums up the browser's own measure of every shift that follows no press of a key or button within half a second. */
const measure = `
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
      if (!hadRecentInput) window.shifts.push({ value, elements: sources.map(({ node }) => node?.outerHTML?.slice(0, 80)) });
    }
  }).observe({ type: 'layout-shift', buffered: true });
`;

/** What a person would hardly see. The web's own limit for a good page is 0.1. */
const most = 0.02;

interface Shift {
  readonly value: number;
  readonly elements: readonly string[];
}

async function expectStillness(page: Page, step: string): Promise<void> {
  const shifts = await page.evaluate<readonly Shift[]>('window.shifts');
  const sum = shifts.reduce((total, { value }) => total + value, 0);
  expect({ step, sum, shifts: sum < most ? [] : shifts }).toEqual({ step, sum: expect.any(Number), shifts: [] });
}

describe('the page', () => {
  it.each([
    ['a desk', { width: 1000, height: 1400 }],
    ['a phone', { width: 360, height: 740 }],
  ])('keeps still on %s, from its load to the end of a bastion', async (_, viewport) => {
    const context = await browser.newContext({ viewport, acceptDownloads: true });
    await context.addInitScript(measure);
    const { page } = await openTab(context, 'about:blank');
    // As slow as AWS, so that each answer comes long after the press that asked for it.
    await page.route(/\/(sessions.*|\?.*)?$/, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 700));
      await route.continue();
    });
    await page.goto(url);
    await untilPhase(page, 'none');
    await page.getByRole('heading', { name: 'Your bastions so far' }).waitFor();
    await expectStillness(page, 'load');

    await page.getByRole('radio', { name: 'Make a new key here' }).check();
    await page.getByRole('button', { name: 'Start bastion' }).click();
    await untilPhase(page, 'starting');
    await untilPhase(page, 'running');
    await expectStillness(page, 'start');

    await page.getByLabel('Keep it from now on for').selectOption({ label: '8 h' });
    await page.getByRole('button', { name: 'Extend' }).click();
    await page
      .getByRole('timer')
      .getByText(/^(8:00:00|7:59:\d\d)$/)
      .waitFor();
    await expectStillness(page, 'extend');

    await page.getByRole('button', { name: 'Stop your bastion', exact: true }).click();
    await page.getByRole('button', { name: /^Stop now/ }).click();
    await untilPhase(page, 'none');
    await page.locator('.note').getByText('Your bastion was stopped.').waitFor();
    await expectStillness(page, 'stop');
    await context.close();
  });
});
