/** The parts of the command that reckon: texts, versions, quotes and keys. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { whyEnded } from '../../cli/session/why-ended.ts';
import { ownKeys } from '../../cli/ssh/keys.ts';
import { versionIn } from '../../cli/ssh/openssh.ts';
import { bastionOptions, jumpOption } from '../../cli/ssh/options.ts';
import { publicKeysIn } from '../../cli/ssh/public-key.ts';
import { shellWord } from '../../cli/ssh/words.ts';
import { isFresh } from '../../cli/state/session.ts';
import { poolText } from '../../cli/terminal/session-text.ts';
import { table } from '../../cli/terminal/table.ts';
import { Terminal } from '../../cli/terminal/terminal.ts';
import { localTime, span } from '../../cli/terminal/times.ts';
import { run } from '../support/ssh.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { runningSession } from './scripted-api.ts';

it('a table pads each column to its widest cell, and leaves no blank at the end', () => {
  expect(
    table([
      ['A', 'LONG', ''],
      ['wide', 'x', 'y'],
    ]),
  ).toBe('A     LONG\nwide  x     y');
});

it.each([
  [59_999, 'under 1 min'],
  [60_000, '1 min'],
  [7_200_000, '2 h'],
  [7_500_000, '2 h 5 min'],
])('%d ms are %s', (milliseconds, words) => {
  expect(span(milliseconds)).toBe(words);
});

it('a time of another day has its date', () => {
  const iso = '2026-11-20T12:05:00Z';
  expect(localTime(iso, Date.parse(iso))).toMatch(/^\d\d:05$/);
  expect(localTime(iso, Date.parse(iso) + 3 * 86_400_000)).toMatch(/^2026-11-\d\d \d\d:05$/);
});

it.each([
  ['OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19', { major: 9, minor: 2 }],
  ['OpenSSH_for_Windows_8.1p1, LibreSSL 3.0.2', { major: 8, minor: 1 }],
  ['OpenSSH_10.0p2', { major: 10, minor: 0 }],
  ['dropbear', undefined],
])('the version in %j is %j', (output, version) => {
  expect(versionIn(output)).toEqual(version);
});

it.each([
  [
    { size: 2, hours: 'always', ready: 2, starting: 0, cost: { perMonth: 21.73, currency: 'USD' } },
    'Pool: 2 of 2 ready, always, $21.73 a month.',
  ],
  [
    { size: 3, hours: 'Mon-Fri 08:00-18:00 UTC', ready: 0, starting: 3 },
    'Pool: 0 of 3 ready, 3 starting, Mon-Fri 08:00-18:00 UTC.',
  ],
] as const)('the pool %j is told as %j', (pool, words) => {
  expect(poolText(pool)).toBe(words);
});

it.each([
  [
    { state: 'stopped', reason: 'idle' },
    ' It was idle: nobody was connected for the time that the setting idleEnd gives.',
  ],
  [{ state: 'stopped', reason: 'stopped' }, ' Somebody stopped it.'],
  [{ state: 'stopping' }, ''],
] as const)('the end of a session that is %j is told as %j', async (changes, words) => {
  const session = runningSession(changes);
  const api = { hasHistory: true, list: async () => ({ sessions: [session] }) };
  expect(await whyEnded(api, session.sessionId)).toBe(words);
  expect(await whyEnded({ ...api, hasHistory: false }, session.sessionId)).toBe('');
});

describe('a bastion that was seen', () => {
  const now = Date.parse('2026-11-20T12:00:00Z');
  it.each([
    ['a minute ago, with an hour left', '2026-11-20T11:59:00Z', '2026-11-20T13:00:00Z', true],
    ['three minutes ago', '2026-11-20T11:57:00Z', '2026-11-20T13:00:00Z', false],
    ['just now, with four minutes left', '2026-11-20T12:00:00Z', '2026-11-20T12:04:00Z', false],
    ['in the future', '2026-11-20T12:00:01Z', '2026-11-20T13:00:00Z', false],
    ['at no time', 'nonsense', '2026-11-20T13:00:00Z', false],
  ])('%s is fresh: %s %s %s', (_name, seenAt, expiresAt, expected) => {
    expect(isFresh({ seenAt, expiresAt }, now)).toBe(expected);
  });
});

describe('the options of ssh', () => {
  const destination = {
    host: '203.0.113.7',
    port: 22,
    login: 'bastion',
    alias: 'bastion-x',
    knownHosts: "/home/my name/100%/it's/known_hosts",
    identity: '/home/my name/id',
  };

  it('check host keys strictly, against the one file and name', () => {
    const options = bastionOptions(destination, { major: 9, minor: 2 });
    expect(options).toEqual(
      expect.arrayContaining([
        'StrictHostKeyChecking=yes',
        'HostKeyAlias=bastion-x',
        'GlobalKnownHostsFile=/dev/null',
        'KnownHostsCommand=none',
        `UserKnownHostsFile="/home/my name/100%%/it's/known_hosts"`,
      ]),
    );
    expect(bastionOptions(destination, { major: 8, minor: 1 })).not.toContain('KnownHostsCommand=none');
  });

  it('lend a bastion neither the agent nor the display, unless the person asks ssh for it', async () => {
    await using folder = await makeTemporaryFolder('config');
    const file = join(folder.path, 'config');
    await writeFile(file, 'Host *\n  ForwardAgent yes\n  ForwardX11 yes\n');
    const args = ['-F', file, '-G', ...bastionOptions(destination, { major: 8, minor: 1 }), destination.alias];
    const lent = async (...more: readonly string[]) =>
      (await run('ssh', [...args, ...more])).stdout.match(/^forward(agent|x11) .*$/gm)?.toSorted();
    expect(await lent()).toEqual(['forwardagent no', 'forwardx11 no']);
    expect(await lent('-A')).toEqual(['forwardagent yes', 'forwardx11 no']);
  });

  it('mean the same to ssh in a ProxyCommand, for which a shell splits them', async () => {
    const [, option = ''] = jumpOption(destination, { major: 9, minor: 2 }, 'linux');
    const command = option.replace('ProxyCommand=', '').replaceAll('%%', '%');
    const { stdout } = await run('sh', ['-c', command.replace(/^ssh/, 'printf "%s\\n"')]);
    const words = ['-W', '[%h]:%p', 'bastion-x'];
    expect(stdout.trimEnd().split('\n')).toEqual([...bastionOptions(destination, { major: 9, minor: 2 }), ...words]);
  });

  it.each<[string, NodeJS.Platform, string]>([
    ['plain=1', 'linux', 'plain=1'],
    ["it's", 'linux', `'it'\\''s'`],
    ['a "b"', 'win32', '"a \\"b\\""'],
    ['$(x)', 'darwin', "'$(x)'"],
  ])('%j on %s is the word %s', (word, platform, expected) => {
    expect(shellWord(word, platform)).toBe(expected);
  });
});

it('the public keys of an agent are those that a bastion accepts', () => {
  const ed25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILIOClqyF0qiauXyC+ik1TUrwb5PTkvjBA/bZBBgT7P8';
  const lines = [
    'ssh-dss AAAA x',
    `${ed25519} a comment`,
    'ssh-ed25519-cert-v01@openssh.com AAAA',
    'ssh-rsa AAAAB3NzaC1yc2E=',
  ];
  expect(publicKeysIn(lines.join('\r\n')).map(({ line }) => line)).toEqual([ed25519]);
});

it('the person hears of an agent that does not answer', async () => {
  await using folder = await makeTemporaryFolder('agent');
  const socket = join(folder.path, 'socket');
  const agent = createServer().listen(socket);
  await once(agent, 'listening');
  await expect(ownKeys({ ...process.env, SSH_AUTH_SOCK: socket }, 100)).rejects.toThrow(
    /ssh-add -L: got no answer from the agent in 0.1 s.*SSH_AUTH_SOCK/,
  );
  agent.close();
});

describe('the line of progress', () => {
  async function shown({ columns, isDumb }: { readonly columns: number; readonly isDumb: boolean }) {
    const stderr = Object.assign(new PassThrough(), { isTTY: true, columns });
    const manner = { isJson: false, isQuiet: false, isVerbose: false, isCi: false, isDumb };
    const terminal = new Terminal(manner, { stdout: new PassThrough(), stderr });
    terminal.progress('starting … 14 s');
    terminal.note('ready');
    stderr.end();
    return text(stderr);
  }

  it('is cut where the terminal would wrap it', async () => {
    expect(await shown({ columns: 9, isDumb: false })).toBe('\r\u001b[Kstarting\r\u001b[Kready\n');
    expect(await shown({ columns: 80, isDumb: false })).toContain('starting … 14 s');
    expect(await shown({ columns: 0, isDumb: false })).toContain('starting … 14 s');
  });

  it('is left out by a terminal that cannot rewrite it', async () => {
    expect(await shown({ columns: 80, isDumb: true })).toBe('ready\n');
  });
});
