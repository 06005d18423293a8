/** What installing and removing the lines for ssh does to a person's files. */
import { lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contextOf } from '../../cli/session/context.ts';
import { installSshConfig, placesOf, uninstallSshConfig } from '../../cli/session/ssh-config.ts';
import { Terminal } from '../../cli/terminal/terminal.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

const manner = { isJson: false, isQuiet: true, isVerbose: false, isCi: true };

/** Installs and removes the lines in a home whose `~/.ssh/config` has `content`, if it has one. */
async function installAndRemove(content: string | undefined, host = 'bastion') {
  await using folder = await makeTemporaryFolder('home');
  const file = join(folder.path, '.ssh/config');
  await mkdir(dirname(file));
  if (content !== undefined) await writeFile(file, content, 'latin1');
  const settings = { values: { url: 'http://127.0.0.1:1' }, origins: {}, tunnels: {} };
  const env = { XDG_STATE_HOME: folder.path };
  const install = async () =>
    installSshConfig(await contextOf(settings, new Terminal(manner), env), placesOf(file), host);
  await install();
  const installed = await readFile(file, 'latin1');
  await install();
  const installedTwice = await readFile(file, 'latin1');
  const wasInstalled = uninstallSshConfig(placesOf(file));
  const left = await readdir(dirname(file));
  const removed = left.includes('config') ? await readFile(file, 'latin1') : undefined;
  return { installed, installedTwice, wasInstalled, left, removed, isAgain: uninstallSshConfig(placesOf(file)) };
}

describe('a configuration', () => {
  it.each([
    ['that is not there', undefined],
    ['that is empty', ''],
    ['without an end of its last line', 'Host x\n  User y'],
    ['with bytes that are no UTF-8', '# \xff\xfe\nHost x\n'],
    ['with the ends of lines of Windows', 'Host x\r\n  User y\r\n'],
  ])('%s gets one line in front, once, and is the same byte for byte afterwards', async (_name, content) => {
    const outcome = await installAndRemove(content);
    expect(outcome.installed).toMatch(/^Include ".*\/bastion\/config"\n/);
    expect(outcome.installed.replace(/^.*\n/, '')).toBe(content ?? '');
    expect(outcome).toMatchObject({ installedTwice: outcome.installed, wasInstalled: true, removed: content });
    expect(outcome.left).toEqual(content === undefined ? [] : ['config']);
    expect(outcome.isAgain).toBe(false);
  });

  it('with a host of the same name is left alone, with another name it is not', async () => {
    const own = 'Host bastion\n  HostName bastion.example.com\n';
    await expect(installAndRemove(own)).rejects.toThrow(
      /got a host "bastion" there already, which leads to bastion\.example\.com.*--host/,
    );
    expect(await installAndRemove(own, 'jump')).toMatchObject({ removed: own });
  });

  it('that is a link stays one', async () => {
    await using folder = await makeTemporaryFolder('home');
    const [file, elsewhere] = [join(folder.path, '.ssh/config'), join(folder.path, 'dotfiles')];
    await mkdir(dirname(file));
    await writeFile(elsewhere, 'Host x\n');
    await symlink(elsewhere, file);
    const settings = { values: { url: 'http://127.0.0.1:1' }, origins: {}, tunnels: {} };
    const context = await contextOf(settings, new Terminal(manner), { XDG_STATE_HOME: folder.path });
    await installSshConfig(context, placesOf(file), 'bastion');
    expect((await lstat(file)).isSymbolicLink()).toBe(true);
    expect(await readFile(elsewhere, 'utf8')).toMatch(/^Include .*\nHost x\n$/);
    uninstallSshConfig(placesOf(file));
    expect(await readFile(elsewhere, 'utf8')).toBe('Host x\n');
  });

  it('is by default the one that ssh reads, with a path from its folder', () => {
    expect(placesOf(undefined)).toMatchObject({
      file: join(userInfo().homedir, '.ssh/config'),
      include: 'Include bastion/config\n',
    });
  });
});
