/** The page as the person who runs the local run sees it. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RecordedRun, startRecordedRun } from '../support/recorded-run.ts';
import { run } from '../support/ssh.ts';
import { inspect, launch, openTab, untilPhase, visit } from './browser.ts';
import { serveProxy } from './proxy.ts';
import { copied, openTerminal } from './terminal.ts';

let browser: Browser;
let local: RecordedRun;
let url: string;

beforeAll(async () => {
  [browser, local] = await Promise.all([launch(), startRecordedRun({ defaultTtl: '20s' })]);
  url = `${local.api}/web`;
});

afterAll(async () => {
  await browser.close();
  await local.stop();
});

/** Each test begins without a bastion. */
beforeEach(async () => {
  await fetch(local.api, { method: 'DELETE' });
});

/** Fills the form and sends it. Without a lifetime the bastion has the default, which is short here. */
async function start(page: Page, way: 'Make a new key here' | 'Use my stored key', lifetime?: string): Promise<void> {
  await untilPhase(page, 'none');
  await page.getByRole('radio', { name: way }).check();
  if (lifetime !== undefined) await page.getByLabel('Ends by itself after').selectOption({ label: lifetime });
  await page.getByRole('button', { name: 'Start bastion' }).click();
}

async function stop(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Stop your bastion', exact: true }).click();
  await page.getByRole('button', { name: /^Stop now/ }).click();
}

describe('the page', () => {
  it('leads from a new key to a shell, with lines that are copied', async () => {
    await using terminal = await openTerminal();
    await using opened = await visit(browser, url);
    const { page } = opened;
    const [download] = await Promise.all([page.waitForEvent('download'), start(page, 'Make a new key here', '1 h')]);
    await terminal.save(download);
    await untilPhase(page, 'running');

    for (const label of ['Let ssh read the downloaded key', 'Trust this bastion, and no other machine']) {
      expect(await terminal.run(await copied(page, label))).toMatchObject({ code: 0 });
    }
    const line = await copied(page, 'Log in');
    expect(await terminal.run(line, 'echo inside')).toEqual({ code: 0, stdout: 'inside\n', stderr: '' });

    await inspect(page, 'running');
    await page.reload();
    await untilPhase(page, 'running');
    expect(await copied(page, 'Log in')).toBe(line); // the file's name outlives the page

    await run('sh', [
      '-c',
      `printf 'bastion ssh-ed25519 AAAA\\n' > "$1"`,
      'sh',
      `${terminal.path}/.ssh/bastion_known_hosts`,
    ]);
    expect(await terminal.run(line, 'true')).toMatchObject({ code: 255 }); // an impostor
    expect(opened.complaints).toEqual([]);
  });

  it('sends the public half of a new key alone', async () => {
    await using opened = await visit(browser, url);
    const { page } = opened;
    const bodies: (string | null)[] = [];
    page.on('request', (request) => bodies.push(request.postData()));
    const [download] = await Promise.all([page.waitForEvent('download'), start(page, 'Make a new key here', '1 h')]);
    await untilPhase(page, 'running');
    expect(download.suggestedFilename()).toMatch(/^bastion-[A-Za-z0-9]{8}$/);
    const sent = bodies.filter((body) => body !== null);
    expect(sent).toEqual([
      expect.stringMatching(/^ssh-ed25519 [A-Za-z0-9+/=]+ made in the browser on \d{4}-\d\d-\d\d$/),
    ]);
    const stored = await page.evaluate<string>('JSON.stringify([localStorage, sessionStorage])');
    expect(stored).not.toMatch(/PRIVATE|b3BlbnNzaC1rZXktdjE/);
  });

  it('extends, and stops after a second press', async () => {
    await using opened = await visit(browser, url);
    const { page } = opened;
    await start(page, 'Make a new key here', '1 h');
    await untilPhase(page, 'running');
    await page.getByLabel('Keep it from now on for').selectOption({ label: '8 h' });
    await page.getByRole('button', { name: 'Extend' }).click();
    await page
      .getByRole('timer')
      .getByText(/^(8:00:00|7:59:\d\d)$/)
      .waitFor();

    await page.getByRole('button', { name: 'Stop your bastion', exact: true }).click();
    await inspect(page, 'asked-to-stop');
    await page.getByRole('button', { name: 'Keep' }).click();
    await page.getByRole('button', { name: 'Stop your bastion', exact: true }).waitFor();
    await stop(page);
    await untilPhase(page, 'none');
    await page.locator('.note').getByText('Your bastion was stopped.').waitFor();
    await inspect(page, 'stopped');
    expect(opened.complaints).toEqual([]);
  });

  it('follows its person to another address', async () => {
    await using proxy = await serveProxy();
    await using terminal = await openTerminal();
    await using opened = await visit(browser, url, { proxy: { server: proxy.url, bypass: '<-loopback>' } });
    const { page, context } = opened;
    const [download] = await Promise.all([page.waitForEvent('download'), start(page, 'Make a new key here', '1 h')]);
    await terminal.save(download);
    await untilPhase(page, 'running');
    for (const label of ['Let ssh read the downloaded key', 'Trust this bastion, and no other machine'])
      await terminal.run(await copied(page, label));
    const line = await copied(page, 'Log in');

    proxy.moveTo('127.0.0.9');
    await context.setOffline(true);
    await context.setOffline(false); // as a laptop that is opened elsewhere
    await page.getByText('This browser comes from 127.0.0.9').waitFor();
    await inspect(page, 'moved');
    const fromThere = line.replace(/^ssh /, 'ssh -b 127.0.0.9 ');
    expect(await terminal.run(fromThere, 'true')).toMatchObject({ code: 255 });
    await page.getByRole('button', { name: 'Let in 127.0.0.9 instead' }).click();
    await page.getByText('This browser comes from').waitFor({ state: 'detached' });
    expect(await terminal.run(fromThere, 'echo inside')).toMatchObject({ stdout: 'inside\n' });
    expect(await terminal.run(line, 'true')).toMatchObject({ code: 255 });
  });

  it('sees the time run out', async () => {
    await using opened = await visit(browser, url);
    const { page } = opened;
    await start(page, 'Make a new key here');
    await untilPhase(page, 'running');
    await untilPhase(page, 'none');
    await page.locator('.note').getByText('Your bastion reached the end of its time.').waitFor();
    const own = page.getByRole('table', { name: 'Your bastions so far' });
    await own.getByText('time over').first().waitFor({ timeout: 120_000 }); // the reaper comes once a minute
    expect(opened.complaints).toEqual([]);
  });

  it('says what it waits for while a bastion starts', async () => {
    await using opened = await visit(browser, url);
    const { page } = opened;
    await untilPhase(page, 'none');
    const inspected = Promise.withResolvers<void>();
    await page.route(`${local.api}/`, async (route) => {
      if (route.request().method() === 'GET') await inspected.promise; // the looks at the bastion that starts
      await route.continue();
    });
    await start(page, 'Make a new key here', '1 h');
    await untilPhase(page, 'starting');
    await page.getByText('Asked AWS').waitFor(); // before that the API has not answered
    const steps = page.getByRole('list', { name: 'Steps of the start' });
    expect(await steps.getByRole('listitem').allTextContents()).toEqual([
      'Asked AWS for a task of your own (done)',
      expect.stringMatching(/^(Attaching its network interface|Got the address .*\(done\))$/),
      'Fetching the image and starting sshd',
    ]);
    await inspect(page, 'starting');
    inspected.resolve();
    await untilPhase(page, 'running');
  });

  it('shows a change of one tab in the other', async () => {
    await using opened = await visit(browser, url);
    const { page: first, context } = opened;
    await untilPhase(first, 'none');
    const { page: second } = await openTab(context, url);
    await start(second, 'Make a new key here', '1 h');
    await Promise.all([untilPhase(first, 'running'), untilPhase(second, 'running')]);
    await stop(first);
    await second.locator('.note').getByText('Your bastion was stopped.').waitFor();
  });

  it('shows the API’s own sentences, and sends no private key', async () => {
    await using opened = await visit(browser, url);
    const { page, requests } = opened;
    await untilPhase(page, 'none');
    const key = page.getByLabel('Public key', { exact: true });
    await page.getByRole('radio', { name: 'Paste a public key' }).check();
    const send = () => page.getByRole('button', { name: 'Start bastion' }).click();
    const alert = page.getByRole('alert');
    await send();
    await alert.getByText('Paste your public key first').waitFor();
    await key.fill('-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn\n-----END OPENSSH PRIVATE KEY-----');
    await send();
    await alert.getByText('This is a private key. It was not sent.').waitFor();
    expect(requests.filter((one) => one.startsWith('POST'))).toEqual([]);
    await key.fill('ssh-dss AAAA');
    await send();
    await alert.getByText(/ssh-dss/).waitFor();
    await inspect(page, 'refused');
    await page.getByRole('radio', { name: 'Use my stored key' }).check();
    await send();
    await alert.getByText(/public key/).waitFor();
  });

  it('goes on by itself after it was offline', async () => {
    await using opened = await visit(browser, url);
    const { page, context } = opened;
    await start(page, 'Make a new key here', '1 h');
    await untilPhase(page, 'running');
    await context.setOffline(true);
    await page.getByRole('button', { name: 'Extend' }).click();
    const alert = page.getByRole('alert').getByText('The API does not answer.');
    await alert.waitFor();
    await inspect(page, 'offline');
    await context.setOffline(false);
    await alert.waitFor({ state: 'detached' });
    expect(await page.locator('[data-phase="running"]').count()).toBe(1);
  });

  it('can be used with a keyboard alone', async () => {
    await using opened = await visit(browser, url);
    const { page } = opened;
    await untilPhase(page, 'none');
    const focused = async () => {
      const text = await page.evaluate<string>('document.activeElement.textContent || document.activeElement.value');
      return text.slice(0, 60);
    };
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowUp');
    expect(await focused()).toBe('made');
    await page.keyboard.press('Tab');
    await page.keyboard.type('1 h');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Start bastion');
    await page.keyboard.press('Enter');
    await untilPhase(page, 'running');
    expect(await focused()).toBe('Your bastion is running'); // the form had the focus, and is gone
    await page.keyboard.press('Shift+Tab');
    for (let presses = 0; (await focused()) !== 'Stop' && presses < 20; presses += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('Stop now');
    await page.keyboard.press('Enter');
    await untilPhase(page, 'none');
    expect(await focused()).toBe('Start a bastion');
  });
});
