/** The doctor's verdicts: addresses, clocks, ports, and what ssh itself says of a configuration. */
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Addresses, addressFinding, publicAddress } from '../../cli/session/doctor/address.ts';
import { clockFinding } from '../../cli/session/doctor/api.ts';
import { greetingOf, portFinding } from '../../cli/session/doctor/port.ts';
import { aliasFindings, conflictsIn, optionsIn, sampleArguments } from '../../cli/session/doctor/ssh-config.ts';
import { freePort } from '../../local/fargate/addresses.ts';
import { run } from '../support/ssh.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { runningSession } from './scripted-api.ts';

describe('the address', () => {
  const live = { host: '203.0.113.7', allowedCidrs: ['198.51.100.4/32'] };
  const plain = { seen: '198.51.100.4', direct: undefined, greeting: undefined, live };
  const from = (address: string) => ({ line: 'SSH-2.0-x', from: address });

  it.each<[string, Addresses, string, RegExp]>([
    ['is the one that the bastion lets in', plain, 'ok', /^The API sees 198\.51\.100\.4/],
    ['is translated on the way', { ...plain, greeting: from('192.168.1.2') }, 'ok', /^The API sees/],
    ['is the same without the proxy', { ...plain, direct: '198.51.100.4' }, 'ok', /^The API sees/],
    ["is the proxy's", { ...plain, direct: '192.0.2.9' }, 'fault', /ssh comes from 192\.0\.2\.9.*NO_PROXY/],
    [
      'goes nowhere without the proxy',
      { ...plain, direct: 'none' },
      'fault',
      /through the proxy, and ssh gets nowhere/,
    ],
    [
      'differs for ssh',
      { ...plain, greeting: from('192.0.2.9') },
      'fault',
      /ssh comes from 192\.0\.2\.9.*the same way/,
    ],
    ['is of IPv6', { ...plain, seen: '2001:db8::1' }, 'fault', /but ssh goes to 203\.0\.113\.7 by IPv4/],
    ['has changed', { ...plain, seen: '198.51.100.5' }, 'warning', /lets 198\.51\.100\.4 in\. The next "bastion up"/],
    ['is not told', { ...plain, seen: undefined }, 'warning', /does not say/],
    ['has no bastion', { ...plain, live: undefined }, 'ok', /^The API sees/],
  ])('that %s gets its verdict', (_name, addresses, status, found) => {
    expect(addressFinding(addresses)).toEqual({ check: 'address', status, found: expect.stringMatching(found) });
  });

  it.each([
    ['203.0.113.4', '203.0.113.4'],
    ['172.15.0.1', '172.15.0.1'],
    ['10.0.0.1', undefined],
    ['172.31.0.1', undefined],
    ['100.64.0.1', undefined],
    ['169.254.1.1', undefined],
    ['2001:db8::1', undefined],
    [undefined, undefined],
  ])('%s is as public as %s', (address, expected) => {
    expect(publicAddress(address)).toBe(expected);
  });
});

describe('the clock', () => {
  const theirs = 'Fri, 20 Nov 2026 12:00:00 GMT';
  it.each([
    [59, 'ok', /agrees/],
    [-61, 'warning', /clock says .* AWS's says Fri, 20 Nov 2026 12:00:00 GMT\. Set it right\./],
    [300, 'fault', /Set it right/],
  ])('that is %d s ahead is %s', (seconds, status, found) => {
    const finding = clockFinding(theirs, Date.parse(theirs) + seconds * 1000);
    expect(finding).toEqual({ check: 'clock', status, found: expect.stringMatching(found) });
  });

  it('that nothing can be compared with is a warning', () => {
    expect(clockFinding(undefined, 0)).toMatchObject({ status: 'warning' });
  });
});

describe('the port', () => {
  /** Listens at a port that says these words. */
  async function saying(words: string) {
    const server = createServer((socket) => socket.on('error', () => {}).end(words));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    return { server, port: typeof address === 'object' && address !== null ? address.port : 0 };
  }

  it.each([
    ['SSH-2.0-OpenSSH_9.2\r\n', 'ok', /answers SSH-2\.0-OpenSSH_9\.2\.$/],
    ['HTTP/1.1 400 Bad Request\r\n', 'fault', /it says "HTTP\/1\.1 400 Bad Request".*lets 127\.0\.0\.1\/32 in/],
  ])('that says %j is %s', async (words, status, found) => {
    const { server, port } = await saying(words);
    const live = runningSession({ port });
    const finding = portFinding(live, await greetingOf('127.0.0.1', port), '127.0.0.1');
    expect(finding).toEqual({ check: 'port', status, found: expect.stringMatching(found) });
    server.close();
  });

  it('that nobody listens at is a fault with both addresses', async () => {
    const port = await freePort();
    const finding = portFinding(runningSession({ port }), await greetingOf('127.0.0.1', port), '198.51.100.4');
    expect(finding).toMatchObject({
      status: 'fault',
      found: expect.stringMatching(/ECONNREFUSED.*sees 198\.51\.100\.4/),
    });
  });
});

describe('an ssh_config with', () => {
  /** The options that ssh has for a host, by a file with these lines. */
  async function optionsBy(lines: string, ...args: readonly string[]) {
    await using folder = await makeTemporaryFolder('ssh config');
    const file = join(folder.path, 'config');
    await writeFile(file, lines);
    const { code, stdout, stderr } = await run('ssh', ['-F', file, '-T', '-G', ...args]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return optionsIn(stdout);
  }
  const command = sampleArguments({ major: 9, minor: 2 });

  it.each([
    ['', []],
    ['Host *\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  ControlMaster auto', []],
    ['Host bastion\n  ProxyJump other', []],
    [
      'Host *\n  ProxyJump gate.example',
      [['warning', /^It sets proxyjump gate\.example for every host, so the bastion sees/]],
    ],
    ['Host *\n  ProxyCommand nc %h %p', [['warning', /^It sets proxycommand nc/]]],
    ['Host *\n  BindAddress 192.0.2.3', [['warning', /^It sets bindaddress 192\.0\.2\.3/]]],
    ['Host *\n  AddressFamily inet6', [['fault', /^It sets addressfamily inet6 .* IPv4/]]],
    ['Host *\n  PubkeyAuthentication no', [['fault', /^It sets pubkeyauthentication/]]],
    ['Host *\n  HostKeyAlgorithms ssh-rsa', [['fault', /^It sets hostkeyalgorithms ssh-rsa/]]],
    ['Host *\n  RemoteCommand tmux', [['fault', /^It sets remotecommand tmux/]]],
    ['Host *\n  SessionType none', [['fault', /^It sets sessiontype none/]]],
    [
      'Host *\n  LocalForward 8080 a:80\n  RemoteForward 1 b:2',
      [
        ['warning', /localforward/],
        ['warning', /remoteforward/],
      ],
    ],
  ])('%j defeats the command by %j', async (lines, expected) => {
    const findings = conflictsIn(await optionsBy(lines, ...command));
    expect(findings).toEqual(
      expected.map(([status, found]) => ({ check: 'ssh_config', status, found: expect.stringMatching(found ?? '') })),
    );
  });

  it.each([
    ['', []],
    [
      'Host bastion\n  HostName gate.example',
      [['warning', /^"ssh bastion" leads to gate\.example by a block of your own/]],
    ],
    ['Host bastion\n  ProxyCommand node /x/bastion.js proxy %n\n  StrictHostKeyChecking yes', []],
    [
      'Host *\n  StrictHostKeyChecking no\nHost bastion\n  ProxyCommand node /x/bastion.js proxy %n',
      [['fault', /sets StrictHostKeyChecking (no|false)\. Move the line/]],
    ],
  ])('%j means %j for "ssh bastion"', async (lines, expected) => {
    const findings = aliasFindings(await optionsBy(lines, 'bastion'), 'bastion');
    expect(findings).toEqual(
      expected.map(([status, found]) => ({ check: 'ssh_config', status, found: expect.stringMatching(found ?? '') })),
    );
  });
});
