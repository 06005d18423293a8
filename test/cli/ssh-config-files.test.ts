/** What installing and removing the lines for ssh does to a person's files. */
import { lstat, mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contextOf } from '../../cli/session/context.ts';
import { installSshConfig, placesOf, uninstallSshConfig } from '../../cli/session/ssh-config.ts';
import { Terminal } from '../../cli/terminal/terminal.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

const manner = { isJson: false, isQuiet: true, isVerbose: false, isCi: true };

/** A home whose `~/.ssh/config` has `content`, if it has one. */
async function makeHome(content: string | undefined) {
  const folder = await makeTemporaryFolder('home');
  const file = join(folder.path, '.ssh/config');
  await mkdir(dirname(file));
  if (content !== undefined) await writeFile(file, content, 'latin1');
  const settings = { values: { url: 'http://127.0.0.1:1' }, origins: {}, tunnels: {} };
  const env = { XDG_STATE_HOME: folder.path };
  return {
    file,
    read: () => readFile(file, 'latin1'),
    install: async (host: string) =>
      installSshConfig(await contextOf(settings, new Terminal(manner), env), placesOf(file), host),
    [Symbol.asyncDispose]: () => folder.remove(),
  };
}

/** Installs and removes the lines in a home whose `~/.ssh/config` has `content`, if it has one. */
async function installAndRemove(content: string | undefined, host = 'bastion') {
  await using home = await makeHome(content);
  const { file, install, read } = home;
  await install(host);
  const installed = await read();
  await install(host);
  const installedTwice = await read();
  const wasInstalled = uninstallSshConfig(placesOf(file));
  const left = await readdir(dirname(file));
  const removed = left.includes('config') ? await read() : undefined;
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
      /got a host "bastion" there already, with "hostname bastion\.example\.com".*--host/,
    );
    expect(await installAndRemove(own, 'jump')).toMatchObject({ removed: own });
  });

  it('with a host of the same name that the network resolves is left alone', async () => {
    const shared = 'Host *\n  ControlPath ~/.ssh/%C\n';
    await expect(installAndRemove(`Host bastion\n  User ec2-user\n${shared}`)).rejects.toThrow(
      /got a host "bastion" there already, with "user ec2-user".*--host/,
    );
    expect(await installAndRemove(`Host * !bastion !bastion-*\n  User ann\n${shared}`)).toMatchObject({
      left: ['config'],
    });
  });

  it('keeps its host when an installation gets the name of that host', async () => {
    await using home = await makeHome('Host prod\n  User x\n');
    await home.install('bastion');
    const installed = await home.read();
    await expect(home.install('prod')).rejects.toThrow(/got a host "prod" there already/);
    await home.install('jump');
    await home.install('jump');
    expect(await home.read()).toBe(installed);
  });

  it('has the line again when a person has made a comment of it, which stays', async () => {
    await using home = await makeHome('');
    await home.install('bastion');
    const include = await home.read();
    await writeFile(home.file, `# ${include}Host x\n`);
    await home.install('bastion');
    expect(await home.read()).toBe(`${include}# ${include}Host x\n`);
    uninstallSshConfig(placesOf(home.file));
    expect(await home.read()).toBe(`# ${include}Host x\n`);
  });

  it('loses the line when an editor has given it the end of Windows', async () => {
    await using home = await makeHome('');
    await home.install('bastion');
    await writeFile(home.file, `${(await home.read()).trimEnd()}\r\nHost x\r\n`);
    uninstallSshConfig(placesOf(home.file));
    expect(await home.read()).toBe('Host x\r\n');
  });

  it.each([
    ['a key', 'bastion', /got a file there already/],
    ['lines', 'bastion/config', /got lines of another program/],
  ])('keeps %s of the person at the place of ours', async (_name, path, sentence) => {
    await using home = await makeHome('Host x\n');
    const theirs = join(dirname(home.file), path);
    await mkdir(dirname(theirs), { recursive: true });
    await writeFile(theirs, 'theirs');
    await expect(home.install('bastion')).rejects.toThrow(sentence);
    expect(uninstallSshConfig(placesOf(home.file))).toBe(false);
    expect([await home.read(), await readFile(theirs, 'utf8')]).toEqual(['Host x\n', 'theirs']);
  });

  it('that is a link stays one', async () => {
    await using home = await makeHome('Host x\n');
    const { file } = home;
    const elsewhere = join(dirname(file), 'dotfiles');
    await rename(file, elsewhere);
    await symlink(elsewhere, file);
    await home.install('bastion');
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
