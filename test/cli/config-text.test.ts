/** The lines for ssh's configuration, on each platform, and what the real ssh makes of them. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type SshConfig, sshConfigText } from '../../cli/ssh/config-text.ts';
import { opensshVersion } from '../../cli/ssh/openssh.ts';
import { sessionOptions, sharedSocket } from '../../cli/ssh/session-options.ts';
import { execWord, includeWord, pathWord } from '../../cli/ssh/words.ts';
import { run } from '../support/ssh.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

const mac: SshConfig = {
  host: 'bastion',
  alias: 'bastion-a1b2.execute-api.eu-west-1.amazonaws.com',
  knownHosts: '/Users/ann/.local/state/bastion/a1b2/@/known_hosts',
  sessionOptions: '/Users/ann/.local/state/bastion/a1b2/@/ssh_config',
  node: '/opt/homebrew/bin/node',
  program: '/opt/homebrew/lib/node_modules/bastion-on-demand/bin/bastion.js',
  settings: '/Users/ann/.ssh/bastion/deployment.json',
};

const windows: SshConfig = {
  ...mac,
  knownHosts: 'C:\\Users\\Ann Lee\\.local\\state\\bastion\\a1b2\\@\\known_hosts',
  sessionOptions: 'C:\\Users\\Ann Lee\\.local\\state\\bastion\\a1b2\\@\\ssh_config',
  node: 'C:\\Program Files\\nodejs\\node.exe',
  program: 'C:\\npm\\node_modules\\bastion-on-demand\\bin\\bastion.js',
  settings: 'C:\\Users\\ann\\.ssh\\bastion\\deployment.json',
};

describe('the lines for ssh', () => {
  it('start the bastion in front of the connection on macOS', () => {
    expect(sshConfigText(mac, { major: 9, minor: 8 }, 'darwin').split('\n')).toEqual([
      '# "bastion ssh-config --install" writes this file, and "bastion ssh-config --uninstall" removes it.',
      '',
      'Match host bastion exec "/opt/homebrew/bin/node /opt/homebrew/lib/node_modules/bastion-on-demand/bin/bastion.js up --config /Users/ann/.ssh/bastion/deployment.json --if-needed --quiet"',
      '',
      'Host bastion',
      '  Include "/Users/ann/.local/state/bastion/a1b2/@/ssh_config"',
      '  ProxyCommand /opt/homebrew/bin/node /opt/homebrew/lib/node_modules/bastion-on-demand/bin/bastion.js proxy --config /Users/ann/.ssh/bastion/deployment.json %n',
      '  HostKeyAlias bastion-a1b2.execute-api.eu-west-1.amazonaws.com',
      '  UserKnownHostsFile "/Users/ann/.local/state/bastion/a1b2/@/known_hosts"',
      '  GlobalKnownHostsFile /dev/null',
      '  StrictHostKeyChecking yes',
      '  CheckHostIP no',
      '  NoHostAuthenticationForLocalhost no',
      '  VerifyHostKeyDNS no',
      '  UpdateHostKeys no',
      '  KnownHostsCommand none',
      '  ForwardAgent no',
      '  ForwardX11 no',
      '  IdentitiesOnly yes',
      '  PreferredAuthentications publickey',
      '  ServerAliveInterval 15',
      '  ServerAliveCountMax 3',
      '  ConnectTimeout 90',
      '  ControlMaster auto',
      '  ControlPersist 5m',
      '',
    ]);
  });

  it('share no connection, and have slashes and quotes that the parser of Windows 10 reads', () => {
    const text = sshConfigText(windows, { major: 8, minor: 1 }, 'win32');
    const program = 'C:/npm/node_modules/bastion-on-demand/bin/bastion.js';
    const settings = '--config C:/Users/ann/.ssh/bastion/deployment.json';
    expect(text).toContain(`Match host bastion exec "node ${program} up ${settings} --if-needed --quiet"\n`);
    expect(text).toContain(`ProxyCommand "C:/Program Files/nodejs/node.exe" ${program} proxy ${settings} %n\n`);
    expect(text).toContain('UserKnownHostsFile "C:/Users/Ann Lee/.local/state/bastion/a1b2/@/known_hosts"\n');
    expect(text).not.toMatch(/Control|KnownHostsCommand|\\/);
  });

  it('leave the start to the proxy where Match exec cannot have the quotes that a blank needs', () => {
    const settings = 'C:\\Users\\Ann Lee\\.ssh\\bastion\\deployment.json';
    const text = (minor: number) => sshConfigText({ ...windows, settings }, { major: 9, minor }, 'win32');
    expect(text(8)).not.toContain('Match');
    expect(text(9)).toContain('up --config \\"C:/Users/Ann Lee/.ssh/bastion/deployment.json\\" --if-needed');
  });
});

describe('a word', () => {
  it.each([
    ["'it'\\''s'", { major: 9, minor: 2 }, `"'it'\\''s'"`],
    ["'it'\\''s'", { major: 9, minor: 9 }, `"'it'\\\\''s'"`],
    ['a "b"', { major: 9, minor: 2 }, undefined],
    ['a "b"', { major: 10, minor: 0 }, '"a \\"b\\""'],
  ])('%s for Match exec of OpenSSH %j is %s', (command, version, expected) => {
    expect(execWord(command, version)).toBe(expected);
  });

  it('has no pattern, token or quote when it names a file to include, and every one when it is a path', () => {
    expect(includeWord('/a b/[c]/100%/"~*')).toBe('"/a b/?c?/100?/???"');
    expect(pathWord('/a b/100%/"\\')).toBe('"/a b/100%%/\\"\\\\"');
  });
});

describe('a shared connection', () => {
  it('has a socket of its own for each session, where its path is short enough and the platform has one', () => {
    const env = { XDG_STATE_HOME: '/home/ann/.local/state' };
    expect(sharedSocket(env, '30c420bb-66a2-4546', 'linux')).toBe('/home/ann/.local/state/bastion/30c420bb-66a2');
    expect(sharedSocket({ XDG_STATE_HOME: `/${'x'.repeat(70)}` }, '30c420bb-66a2-4546', 'linux')).toBeUndefined();
    expect(sharedSocket(env, '30c420bb-66a2-4546', 'win32')).toBeUndefined();
  });
});

it('ssh reads paths with blanks, quotes, percent signs and brackets as they are, and runs the command', async () => {
  await using folder = await makeTemporaryFolder('words');
  const home = join(folder.path, `it's 100%h [me]`);
  await mkdir(home);
  const at = (name: string) => join(home, name);
  await writeFile(at('node'), '#!/bin/sh\nprintf "%s\\n" "$@" > "$1.arguments"\n');
  await chmod(at('node'), 0o755);
  const config = {
    ...mac,
    knownHosts: at('known_hosts'),
    sessionOptions: at('ssh_config'),
    node: at('node'),
    program: at('program'),
    settings: at('settings'),
  };
  const bastion = {
    login: 'ann',
    identity: at('key'),
    sessionId: '',
    user: '',
    host: '',
    port: 22,
    keyFingerprint: '',
  };
  const times = { expiresAt: '', seenAt: '' };
  await writeFile(config.sessionOptions, sessionOptions({ ...bastion, ...times }, at('socket')), { mode: 0o600 });
  await writeFile(at('config'), sshConfigText(config, await opensshVersion(), process.platform));
  const { stdout } = await run('ssh', ['-F', at('config'), '-G', 'bastion']);
  const [, proxyCommand = ''] = /^proxycommand (.*)$/m.exec(stdout) ?? [];
  expect(stdout).toContain('\nuser ann\n');
  expect(stdout).toContain(`\nuserknownhostsfile ${at('known_hosts')}\n`);
  expect(stdout).toContain(`\ncontrolpath ${at('socket')}\n`);
  expect((await readFile(at('program.arguments'), 'utf8')).split('\n')).toEqual([
    at('program'),
    'up',
    '--config',
    at('settings'),
    '--if-needed',
    '--quiet',
    '',
  ]);
  await run('sh', ['-c', proxyCommand.replaceAll('%%', '%')]);
  expect((await readFile(at('program.arguments'), 'utf8')).split('\n')).toContain('proxy');
});
