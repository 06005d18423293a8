/** The parts of a sign-in that need no issuer. */
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openBrowser, openerOf } from '../../cli/sign-in/browser.ts';
import { underLock } from '../../cli/sign-in/lock.ts';
import { openLoopback } from '../../cli/sign-in/loopback.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

const portOf = (url: string): number => Number(new URL(url).port);

describe('the browser', () => {
  it.each<[NodeJS.Platform, Readonly<Record<string, string>>, readonly string[] | undefined]>([
    ['linux', { DISPLAY: ':0' }, ['xdg-open']],
    ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, ['xdg-open']],
    ['linux', {}, undefined],
    ['linux', { DISPLAY: ':0', SSH_CONNECTION: '198.51.100.4 1 203.0.113.9 22' }, undefined],
    ['darwin', {}, ['open']],
    ['darwin', { SSH_TTY: '/dev/pts/0' }, undefined],
    ['win32', {}, ['rundll32', 'url.dll,FileProtocolHandler']],
  ])('on %s with %j is opened by %j', (platform, env, opener) => {
    expect(openerOf(platform, env)).toEqual(opener);
  });

  it('that is not there does no harm', () => {
    expect(() => openBrowser('https://id.example.com/', { DISPLAY: ':0', PATH: '/nowhere' })).not.toThrow();
  });
});

describe('the place for the answer', () => {
  it('has a free port where the client is registered without one', async () => {
    await using loopback = await openLoopback('http://127.0.0.1/callback');
    expect(loopback.redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
    const answering = loopback.answerTo('mine');
    const [page, { parameters, show }] = await Promise.all([
      fetch(`${loopback.redirectUri}?state=mine&code=1`),
      answering.then(async (answer) => {
        await answer.show('<b>', 'a & b');
        return answer;
      }),
    ]);
    expect(parameters.get('code')).toBe('1');
    expect(show).toBeTypeOf('function');
    const html = await page.text();
    expect(html).toContain('<h1>&#60;b&#62;</h1>');
    expect(Object.fromEntries(page.headers)).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'referrer-policy': 'no-referrer',
    });
  });

  it('has the port and the name that the client is registered with, and refuses a taken port', async () => {
    let registered = '';
    {
      await using free = await openLoopback('http://127.0.0.1/callback');
      registered = `http://localhost:${portOf(free.redirectUri)}/callback`;
    }
    await using loopback = await openLoopback(registered);
    expect(loopback.redirectUri).toBe(registered);
    void loopback.answerTo('mine');
    for (const url of [registered, registered.replace('localhost', '127.0.0.1')]) {
      expect((await fetch(url)).status).toBe(400);
    }
    await expect(openLoopback(registered)).rejects.toThrow(/The port of http:\/\/localhost:\d+\/callback, .* is taken/);
  });

  it.each(['https://127.0.0.1/callback', 'http://example.com/callback', 'http://127.0.0.2/callback'])(
    'is not %s',
    async (elsewhere) => {
      await expect(openLoopback(elsewhere)).rejects.toThrow(/expected a place on this machine/);
    },
  );
});

describe('work under a lock', () => {
  it('is done by one at a time, and leaves no lock', async () => {
    await using folder = await makeTemporaryFolder('lock');
    const lock = join(folder.path, 'new folder', 'lock');
    let atOnce = 0;
    const most: number[] = [];
    const work = async () => {
      atOnce += 1;
      most.push(atOnce);
      await stat(lock);
      atOnce -= 1;
    };
    await Promise.all([underLock(lock, work), underLock(lock, work), underLock(lock, work)]);
    expect(most).toEqual([1, 1, 1]);
    await expect(stat(lock)).rejects.toThrow(/ENOENT/);
  });

  it('that fails leaves no lock either', async () => {
    await using folder = await makeTemporaryFolder('lock');
    const lock = join(folder.path, 'lock');
    await expect(underLock(lock, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(underLock(lock, () => Promise.resolve('done'))).resolves.toBe('done');
  });

  it('in a folder that cannot be written fails with a sentence', async () => {
    await using folder = await makeTemporaryFolder('lock');
    await writeFile(join(folder.path, 'file'), '');
    await expect(underLock(join(folder.path, 'file', 'lock'), () => Promise.resolve())).rejects.toThrow(
      /cannot be used .* Remove or rename/,
    );
  });
});
