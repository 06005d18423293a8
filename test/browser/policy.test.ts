/** The policy of the page, as a browser enforces it. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RecordedRun, startRecordedRun } from '../support/recorded-run.ts';
import { launch, untilPhase, visit } from './browser.ts';

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

describe('the browser', () => {
  it('lets the page load and call nothing else', async () => {
    await using opened = await visit(browser, url);
    const { page, complaints } = opened;
    await untilPhase(page, 'none');
    expect(complaints).toEqual([]);
    const other = local.aws; // another origin of this machine
    const attempt = `fetch('${other}').then(() => 'sent', () => 'refused')`;
    expect(await page.evaluate(attempt)).toBe('refused');
    expect(complaints[0]).toContain('violates the following Content Security Policy directive: "connect-src \'self\'"');
    const script = `document.body.append(Object.assign(document.createElement('script'), { src: '${other}/x.js' }))`;
    await expect(page.evaluate(script)).rejects.toThrow(/TrustedScriptURL/);
    await expect(page.evaluate(`document.body.innerHTML = '<b>x</b>'`)).rejects.toThrow(/TrustedHTML/);
  });

  it('takes nothing from its own address but a code that it has asked for', async () => {
    const forged = '#access_token=forged&id_token=forged&token_type=Bearer&state=x';
    await using opened = await visit(browser, `${url}?code=stolen&state=x${forged}`);
    const { page, requests } = opened;
    await untilPhase(page, 'none');
    expect(page.url()).toBe(url);
    const headers = await page.evaluate<string>('JSON.stringify([localStorage, sessionStorage, document.cookie])');
    expect(headers).not.toContain('forged');
    expect(requests.filter((one) => !one.startsWith(`GET ${local.api}/`))).toEqual([]);
  });
});

describe('a page of somebody else', () => {
  it('can’t show this one in a frame', async () => {
    await using opened = await visit(browser, 'about:blank');
    const { page } = opened;
    await page.setContent(`<iframe src="${url}"></iframe>`);
    await expect.poll(() => page.frames().map((frame) => frame.url())).toContain('chrome-error://chromewebdata/');
  });
});
