import { accessSync, constants } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type PackageManager, type Program, type Remedy, remedy, sshdPath } from '../../local/machine.ts';
import { run } from '../support/ssh.ts';

const script = join(import.meta.dirname, '../../local/machine.ts');

test('npm run machine is silent on a machine that has all programs', async () => {
  expect(await run(process.execPath, [script])).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(isAbsolute(sshdPath())).toBe(true);
  accessSync(sshdPath(), constants.X_OK);
});

test('npm run machine says in one sentence which programs are missing where it can install none', async () => {
  const { code, stdout, stderr } = await run(process.execPath, [script], { PATH: '/nonexistent' });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^This machine lacks .*ssh-keygen.*; install OpenSSH \(server and client\).*\.\n$/);
});

describe('the remedy for missing programs', () => {
  test.each<[missing: Program[], isRoot: boolean, packageManager: PackageManager, expected: Remedy]>([
    [['sshd'], true, 'apt-get', { install: ['openssh-server'] }],
    [['ssh', 'ssh-keygen', 'curl', 'jq'], true, 'apt-get', { install: ['openssh-client', 'curl', 'jq'] }],
    [
      ['sshd', 'ps'],
      false,
      'apt-get',
      { tell: 'This machine lacks sshd, ps; run: sudo apt-get install -y openssh-server procps' },
    ],
    [
      ['ssh', 'ps'],
      false,
      'dnf',
      { tell: 'This machine lacks ssh, ps; run: sudo dnf install -y openssh-clients procps-ng' },
    ],
    [['sshd'], true, 'dnf', { tell: 'This machine lacks sshd; run: dnf install -y openssh-server' }],
    [
      ['curl'],
      true,
      'none',
      {
        tell: 'This machine lacks curl; install OpenSSH (server and client), procps, curl and jq with its package manager.',
      },
    ],
  ])('is right for %j (root: %s, %s)', (missing, isRoot, packageManager, expected) => {
    expect(remedy(missing, isRoot, packageManager)).toEqual(expected);
  });
});
