import { describe, expect, it } from 'vitest';
import { type BannerOptions, banner } from '../../local/banner.ts';

const options: BannerOptions = {
  apiUrl: 'http://127.0.0.1:6001',
  awsUrl: 'http://127.0.0.1:6002',
  login: 'john.doe',
  publicKey: 'id_rsa.pub',
  sshPorts: '2222',
  hasPage: true,
  headerFile: '/home/with blank/.local/run-1/webhook-header',
  startPath: '/start',
  seconds: 1.94,
  paint: (_, text) => text,
};

const hostKeyOptions =
  "-o HostKeyAlias=bastion -o UserKnownHostsFile='~/.ssh/bastion_known_hosts' -o StrictHostKeyChecking=yes";

const rowsOf = (changes: Partial<BannerOptions> = {}) =>
  Object.fromEntries(
    banner({ ...options, ...changes })
      .split('\n')
      .map((line) => [line.split(' ')[0], line.replace(/^\S+ +/, '')]),
  );

describe('the banner', () => {
  it('has the commands that start, verify, enter, show and stop a bastion', () => {
    expect(rowsOf()).toMatchObject({
      command: expect.stringMatching(/^npx --no-install bastion configure --url http:\/\/127\.0\.0\.1:6001 /),
      start: `curl -X POST --data-binary "@$HOME/.ssh/id_rsa.pub" http://127.0.0.1:6001`,
      keys: expect.stringContaining(
        'curl -fsS -o ~/.ssh/bastion.new http://127.0.0.1:6001/known_hosts && mv ~/.ssh/bastion.new ~/.ssh/bastion_known_hosts ',
      ),
      ssh: expect.stringContaining(`ssh -p 2222 ${hostKeyOptions} john.doe@<address> `),
      look: 'curl http://127.0.0.1:6001',
      stop: 'curl -X DELETE http://127.0.0.1:6001',
      ready: 'in 1.9 s; Ctrl-C ends everything; npm start -- --help explains.',
    });
  });

  it('has one line for webhooks, in which curl reads the secret from its file', () => {
    expect(rowsOf().webhooks).toContain(`curl -H '@/home/with blank/.local/run-1/webhook-header' -d `);
    expect(rowsOf({ headerFile: undefined })).not.toHaveProperty('webhooks');
  });

  it('says where people sign in, and as whom', () => {
    expect(rowsOf()).not.toHaveProperty('sign');
    expect(rowsOf({ issuer: 'http://127.0.0.1:6003' }).sign).toMatch(
      /http:\/\/127\.0\.0\.1:6001\/web +\(as ann@example\.com or olga@example\.com, an admin\)$/,
    );
  });

  it('tells a person without a key how to make one', () => {
    expect(rowsOf()).not.toHaveProperty('key');
    expect(rowsOf({ publicKey: undefined })).toMatchObject({
      key: expect.stringMatching(/^ssh-keygen -t ed25519 /),
      start: expect.stringContaining('"@$HOME/.ssh/id_ed25519.pub"'),
    });
  });

  it.each([
    ['CORP\\jürg', `'CORP\\jürg@'<address>`],
    ['john@example.com', 'john@example.com@<address>'],
  ])('names the login %j in words of a shell', (login, target) => {
    expect(rowsOf({ login }).ssh).toContain(` ${target} `);
  });

  it('leaves the port open where each bastion has its own', () => {
    expect(rowsOf({ sshPorts: '20000-20999' }).ssh).toContain('ssh -p <port> ');
  });
});
