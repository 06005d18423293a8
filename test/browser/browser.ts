/** A browser with one page per visit. A visit ends with a look at what the browser has complained about. */
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import * as v from 'valibot';
import { expect, inject, onTestFailed } from 'vitest';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of the browser. */
    chromium: string;
  }
}

export const launch = (): Promise<Browser> =>
  // Chromium has no sandbox for root, and the tests load no page of others.
  chromium.launch({ executablePath: inject('chromium'), args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });

export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** The lines of the console so far that tell of an error. */
  readonly complaints: readonly string[];
  /** Method and URL of each request so far. */
  readonly requests: readonly string[];
}

type ContextOptions = NonNullable<Parameters<Browser['newContext']>[0]>;

/** Opens a page in a browser profile of its own, which ends with the scope. */
export async function visit(browser: Browser, url: string, options: ContextOptions = {}) {
  const context = await browser.newContext({ viewport: sizes.desk, acceptDownloads: true, ...options });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const opened = await openTab(context, url);
  let shown = '';
  onTestFailed(() =>
    console.error(`At the end the page showed:\n${shown}\n\n${opened.requests.slice(-20).join('\n')}`),
  );
  const end = async () => {
    shown = await opened.page.locator('body').innerText().catch(String);
    await context.close();
  };
  return { ...opened, [Symbol.asyncDispose]: end };
}

export async function openTab(context: BrowserContext, url: string): Promise<Visit> {
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (line) => {
    // The browser itself notes each reply of 400 and above, such as the one that finds no bastion.
    if (line.type() === 'error' && !line.text().startsWith('Failed to load resource')) complaints.push(line.text());
  });
  page.on('request', (request) => requests.push(`${request.method()} ${request.url()}`));
  await page.goto(url);
  return { context, page, complaints, requests };
}

/** The states of the card with a person's bastion. */
type Phase = 'signed-out' | 'none' | 'starting' | 'running';

export const untilPhase = (page: Page, phase: Phase) =>
  page.locator(`[data-phase="${phase}"]`).waitFor({ timeout: 60_000 });

const sizes = { desk: { width: 1000, height: 800 }, phone: { width: 360, height: 740 } };

/** Widths in which the page has no line that is cut off: that of a desk at a zoom of 200 %, and 320 as WCAG wants it. */
const narrowWidths = [500, 320];

const looks = [
  { look: 'light', colorScheme: 'light', size: sizes.desk },
  { look: 'dark', colorScheme: 'dark', size: sizes.desk },
  { look: 'phone', colorScheme: 'light', size: sizes.phone },
] as const;

const screenshots = join(import.meta.dirname, '../../.screenshots');

/** Pictures that the documents show. `PICTURES=docs npm run test:browser` takes them anew. */
const documented: Readonly<Record<string, string>> = {
  'running-of-ann-light': 'page-light',
  'running-of-ann-dark': 'page-dark',
  'running-of-ann-phone': 'page-phone',
};
const documents = join(import.meta.dirname, '../../docs/images');

/** Checks a state of the page in each theme and on a phone: no violation that axe finds, no line that is cut off, and a picture. */
export async function inspect(page: Page, state: string): Promise<void> {
  await mkdir(screenshots, { recursive: true });
  await page.mouse.move(0, 0); // no button looks as if it were about to be pressed
  for (const { look, colorScheme, size } of looks) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize(size);
    expect({ state, look, violations: await violationsOf(page) }).toEqual({ state, look, violations: [] });
    expect({ state, look, isWider: await page.evaluate(isWider) }).toEqual({ state, look, isWider: false });
    const path = join(screenshots, `${state}-${look}.png`);
    await page.screenshot({ path, fullPage: true });
    const picture = documented[`${state}-${look}`];
    if (picture !== undefined && process.env.PICTURES === 'docs') {
      await copyFile(path, join(documents, `${picture}.png`));
    }
  }
  for (const width of narrowWidths) {
    await page.setViewportSize({ width, height: sizes.desk.height });
    expect({ state, width, isWider: await page.evaluate(isWider) }).toEqual({ state, width, isWider: false });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(sizes.desk);
}

/** Whether the page is wider than its window, so that one must scroll sideways. */
const isWider = 'document.documentElement.scrollWidth > innerWidth';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const axeResults = v.object({
  violations: v.array(v.object({ id: v.string(), nodes: v.array(v.object({ html: v.string() })) })),
});

async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe); // by the debugger, which the page's policy does not bind
  const { violations } = v.parse(axeResults, await page.evaluate('axe.run()'));
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
