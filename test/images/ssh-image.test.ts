/** The ssh image, for one person: every client gets in, and each of a bastion's uses works. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../local/fargate/addresses.ts';
import { exitOf, lineOf, makeKeyPair, run, ssh, sshOptions, startSsh } from '../support/ssh.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import {
  agentImage,
  bridgeAddress,
  buildSshImage,
  docker,
  type SshContainer,
  startSshContainer,
} from './ssh-container.ts';

const image = 'bastion-ssh-test';
const folder = await makeTemporaryFolder('ssh-image');
let bastion: SshContainer;

beforeAll(async () => {
  bastion = await startSshContainer(await buildSshImage(image));
});

afterAll(async () => {
  await bastion.close();
  await folder.remove();
});

describe('the image', () => {
  test('takes at most 16 MB, compressed', async () => {
    const { stdout } = await run('bash', ['-c', `docker save ${image} | gzip | wc -c`]);
    console.log(`The ssh image takes ${(Number(stdout) / 1e6).toFixed(1)} MB, compressed.`);
    expect(Number(stdout)).toBeLessThan(16_000_000);
  });

  test('holds no host key, and no program that changes its user or group', async () => {
    const find = ['/', '-xdev', '(', '-name', 'ssh_host_*', '-o', '-perm', '/6000', ')', '-type', 'f'];
    expect(await docker('run', '--rm', '--entrypoint', 'find', image, ...find)).toBe('');
  });

  test('lists the packages that its files come from', async () => {
    const { stdout } = await bastion.exec('grep', '^Package: ', '/var/lib/dpkg/status');
    const packages = stdout.split('\n').map((line) => line.replace('Package: ', ''));
    expect(packages).toEqual(expect.arrayContaining(['bash', 'curl', 'libc6', 'libssl3t64', 'openssh-server']));
  });

  test('runs out of a clone that only its owner may read', async () => {
    const clone = join(folder.path, 'clone');
    await cp(agentImage, clone, { recursive: true });
    for (const entry of await readdir(clone, { recursive: true, withFileTypes: true }))
      await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o700 : 0o600);
    const built = await buildSshImage(`${image}-private`, clone);
    const modes = ['stat', '-c', '%a %n', '/agent/ssh/entrypoint.sh', '/agent/ssh/sshd_config', '/agent/shared'];
    const stdout = await docker('run', '--rm', '--entrypoint', 'env', built, ...modes);
    expect(stdout.split('\n')).toEqual([
      '755 /agent/ssh/entrypoint.sh',
      '644 /agent/ssh/sshd_config',
      '755 /agent/shared',
    ]);
    await docker('rmi', built);
  });
});

describe('a login', () => {
  test('is `bastion`, without any capability, in a shell', async () => {
    const { stdout } = await ssh(
      bastion.target,
      'id -un; grep CapEff /proc/self/status; pwd; echo $SHELL $BASH_VERSION',
    );
    expect(stdout).toMatch(/^bastion\nCapEff:\t0+\n\/home\/bastion\n\/bin\/bash 5\.\S+\n$/);
  });

  test('is for nobody else', async () => {
    for (const login of ['root', 'sshd', 'nobody'])
      expect(await ssh({ ...bastion.target, login }, 'true')).toMatchObject({ code: 255 });
  });

  test('meets the host keys of the handoff, of either type', async () => {
    const known = join(folder.path, 'known_hosts');
    await writeFile(known, bastion.hostKeys.publicKeys.map((key) => `bastion ${key}\n`).join(''));
    for (const algorithms of ['ssh-ed25519', 'ecdsa-sha2-nistp256,rsa-sha2-512']) {
      const options = ['HostKeyAlias=bastion', `UserKnownHostsFile=${known}`, 'StrictHostKeyChecking=yes'];
      const all = [...options, `HostKeyAlgorithms=${algorithms}`].flatMap((option) => ['-o', option]);
      expect(await ssh({ ...bastion.target, options: all }, 'echo in')).toMatchObject({ code: 0, stdout: 'in\n' });
    }
  });

  test.each([
    ['JSch 0.1.55', 'ecdh-sha2-nistp256', 'ecdsa-sha2-nistp256', 'aes128-ctr', 'hmac-sha2-256'],
    ['a FIPS client', 'ecdh-sha2-nistp384', 'ecdsa-sha2-nistp256', 'aes256-gcm@openssh.com', 'hmac-sha2-512'],
  ])('works with the algorithms of %s', async (_client, kex, hostKey, cipher, mac) => {
    const settings = [`KexAlgorithms=${kex}`, `HostKeyAlgorithms=${hostKey}`, `Ciphers=${cipher}`, `MACs=${mac}`];
    const options = settings.flatMap((setting) => ['-o', setting]);
    expect(await ssh({ ...bastion.target, options }, 'echo in')).toMatchObject({ code: 0, stdout: 'in\n' });
  });

  test('succeeds 40 times at once', async () => {
    const logins = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        ssh({ ...bastion.target, options: ['-o', 'ConnectTimeout=100'] }, `echo ${n}`),
      ),
    );
    expect(logins.map(({ code, stdout }) => `${code} ${stdout}`)).toEqual(logins.map((_, n) => `0 ${n}\n`));
  });

  test('succeeds with an agent that offers seven other keys first', async () => {
    await using agentFolder = await makeTemporaryFolder('agent');
    const agent = spawn('ssh-agent', ['-D', '-a', join(agentFolder.path, 'socket')]);
    await lineOf(agent.stdout, /SSH_AUTH_SOCK/);
    const env = { ...process.env, SSH_AUTH_SOCK: join(agentFolder.path, 'socket') };
    const others = await Promise.all(Array.from({ length: 7 }, (_, n) => makeKeyPair(agentFolder.path, `key${n}`)));
    const identities = [...others.map(({ privateKey }) => privateKey), bastion.key.privateKey];
    for (const identity of identities) expect(await run('ssh-add', ['-q', identity], env)).toMatchObject({ code: 0 });
    const options = ['-o', 'IdentitiesOnly=no', '-o', `IdentityAgent=${env.SSH_AUTH_SOCK}`];
    const outcome = await ssh({ ...bastion.target, identity: '/dev/null', options }, 'echo in');
    expect(outcome).toMatchObject({ code: 0, stdout: 'in\n' });
    agent.kill();
    await exitOf(agent);
  });

  test('succeeds after many that failed from the same address', async () => {
    const { privateKey } = await makeKeyPair(folder.path, 'stranger');
    for (let attempt = 0; attempt < 8; attempt += 1)
      expect(await ssh({ ...bastion.target, identity: privateKey }, 'true')).toMatchObject({ code: 255 });
    expect(await ssh(bastion.target, 'echo in')).toMatchObject({ code: 0, stdout: 'in\n' });
  });

  test('carries 100 sessions over one connection', async () => {
    await using sockets = await makeTemporaryFolder('master');
    const options = ['-o', `ControlPath=${join(sockets.path, 'socket')}`];
    const master = startSsh({ ...bastion.target, options: [...options, '-M'] }, 'echo up; cat');
    await lineOf(master.stdout, /^up$/);
    const sessions = Array.from({ length: 100 }, () => startSsh({ ...bastion.target, options }, 'echo up; cat'));
    await Promise.all(sessions.map(({ stdout }) => lineOf(stdout, /^up$/)));
    for (const { stdin } of sessions) stdin.end();
    expect(await Promise.all(sessions.map(exitOf))).toEqual(sessions.map(() => 0));
    master.stdin.end();
    expect(await exitOf(master)).toBe(0);
  });

  test('has two minutes to type a passphrase, and as many connections as one person makes', async () => {
    const keys = '/var/lib/bastion';
    const host = ['-h', `${keys}/HOST_KEY_ED25519`];
    const { stdout } = await bastion.exec('/usr/sbin/sshd', '-T', '-f', '/agent/ssh/sshd_config', ...host);
    const settings = stdout.split('\n');
    const expected = ['logingracetime 120', 'maxstartups 500:30:500', 'maxsessions 500', 'maxauthtries 20'];
    expect(settings).toEqual(expect.arrayContaining(expected));
    const { stdout: sshd } = await bastion.exec('ps', '-o', 'args');
    expect(sshd).toContain('PerSourcePenalties=no');
  });
});

describe('a bastion', () => {
  test('gives a terminal', async () => {
    const { code, stdout } = await ssh({ ...bastion.target, options: ['-tt'] }, 'tty');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\/dev\/pts\/\d+\r\n$/) });
  });

  test.each([
    ['sftp', []],
    ['the old protocol of scp', ['-O']],
  ])('copies files there and back by %s', async (_protocol, options) => {
    const [there, back] = [join(folder.path, 'there'), join(folder.path, 'back')];
    await writeFile(there, 'something\n');
    const copy = async (from: string, to: string) =>
      expect(await run('scp', [...options, ...sshOptions(bastion.key.privateKey), from, to])).toMatchObject({
        code: 0,
      });
    await copy(there, `bastion@${bastion.target.host}:copy`);
    await copy(`bastion@${bastion.target.host}:copy`, back);
    expect(await readFile(back, 'utf8')).toBe('something\n');
  });

  test('has rsync and the usual tools', async () => {
    const tools = 'bash cat curl diff find grep less ls nc netstat nslookup ps rsync sed tar telnet top vi wget'.split(
      ' ',
    );
    const { stdout } = await ssh(
      bastion.target,
      `for tool in ${tools.join(' ')}; do type -t $tool; done; rsync --version`,
    );
    expect(stdout.split('\n').slice(0, tools.length)).toEqual(tools.map(() => 'file'));
    expect(stdout).toContain('rsync  version 3');
  });

  test('leads to a server behind it with -L', async () => {
    const bridge = await bridgeAddress(image);
    const behind = createServer((socket) => socket.end('from behind')).listen(0, bridge);
    await once(behind, 'listening');
    const address = behind.address();
    if (address === null || typeof address === 'string') throw new Error('expected a port');
    const entrance = await freePort();
    const options = ['-L', `${entrance}:${bridge}:${address.port}`, '-o', 'ExitOnForwardFailure=yes'];
    const tunnel = startSsh({ ...bastion.target, options }, 'echo up; cat');
    await lineOf(tunnel.stdout, /^up$/);
    expect(await text(connect(entrance, '127.0.0.1'))).toBe('from behind');
    tunnel.stdin.end();
    expect(await exitOf(tunnel)).toBe(0);
    behind.close();
  });

  test('leads to an sshd behind it with -J, 30 times at once', async () => {
    const words = [...sshOptions(`'${bastion.key.privateKey}'`), '-W', '%h:%p', `bastion@${bastion.target.host}`];
    const jump = ['ssh', '-o', 'ConnectTimeout=100', ...words].join(' ');
    const options = ['-o', `ProxyCommand=${jump}`, '-o', 'ConnectTimeout=100'];
    const behind = { ...bastion.target, host: '127.0.0.1', options };
    const jumps = await Promise.all(Array.from({ length: 30 }, () => ssh(behind, 'echo behind')));
    expect(jumps.map(({ code, stdout, stderr }) => `${code} ${stdout}${stderr}`)).toEqual(
      jumps.map(() => '0 behind\n'),
    );
  });
});
