import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { credentialsOf } from '../../cli/api/credentials.ts';
import { checkedUrl, endpointOf, signingRegion } from '../../cli/api/endpoint.ts';
import { bastionFolder } from '../../cli/state/places.ts';
import { readSettings, type Values } from '../../cli/state/settings.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

interface Sources {
  readonly flags?: Values;
  readonly env?: Readonly<Record<string, string>>;
  readonly project?: object | string;
  readonly own?: object;
}

/** The settings in `a/b`, where `project` is in `a`, and `own` the person's own file. */
async function settingsOf({ flags = {}, env = {}, project, own }: Sources) {
  await using folder = await makeTemporaryFolder('settings');
  const below = join(folder.path, 'a/b');
  await mkdir(below, { recursive: true });
  await mkdir(join(folder.path, 'config/bastion'), { recursive: true });
  const write = (path: string, content: object | string) =>
    writeFile(join(folder.path, path), typeof content === 'string' ? content : JSON.stringify(content));
  if (project !== undefined) await write('a/bastion.json', project);
  if (own !== undefined) await write('config/bastion/config.json', own);
  return await readSettings(flags, { XDG_CONFIG_HOME: join(folder.path, 'config'), ...env }, below);
}

describe('the settings', () => {
  it.each<[string, Sources, Values]>([
    [
      'flags',
      { flags: { url: 'f' }, env: { BASTION_URL: 'e' }, project: { url: 'p' }, own: { url: 'o' } },
      { url: 'f' },
    ],
    ['the environment', { env: { BASTION_URL: 'e' }, project: { url: 'p' }, own: { url: 'o' } }, { url: 'e' }],
    ['bastion.json above', { env: { BASTION_URL: '' }, project: { url: 'p' }, own: { url: 'o' } }, { url: 'p' }],
    ["the person's own file", { own: { url: 'o' } }, { url: 'o' }],
    [
      'each its own',
      { flags: { user: 'u' }, env: { AWS_DEFAULT_REGION: 'r' }, project: { profile: 'p' }, own: { url: 'o' } },
      { url: 'o', region: 'r', profile: 'p', user: 'u' },
    ],
    ['no place', {}, {}],
  ])('come from %s', async (_name, sources, values) => {
    expect((await settingsOf(sources)).values).toEqual(values);
  });

  it.each<[string, Sources, boolean]>([
    ['was never configured', { project: { url: 'https://p' } }, false],
    ['is not the one that was configured', { project: { url: 'https://p' }, own: { url: 'https://o' } }, false],
    ['was configured', { project: { url: 'https://p/' }, own: { url: 'https://p' } }, true],
    ['was configured before another', { project: { url: 'https://p' }, own: { deployments: ['https://p'] } }, true],
    ['the command line overrides', { flags: { url: 'https://f' }, project: { url: 'https://p' } }, true],
  ])(
    'take from bastion.json no deployment that the person has never configured: one that %s',
    async (_, sources, isTaken) => {
      const settings = await settingsOf({ env: { AWS_REGION: 'eu-west-1' }, ...sources });
      const taking = () => endpointOf(settings);
      if (isTaken) expect(taking()).toMatchObject({ isLocal: false });
      else expect(taking).toThrow(/bastion\.json names https:\/\/p, a deployment that you have never configured/);
    },
  );

  it('let bastion.json approve no deployment', async () => {
    const project = { url: 'https://p', deployments: ['https://p'] };
    await expect(settingsOf({ project })).rejects.toThrow(/got "deployments", expected url/);
  });

  it('have the tunnels of both files, and of one name that of bastion.json', async () => {
    const sources = { project: { tunnels: { db: 'p:1' } }, own: { tunnels: { db: 'o:1', web: 'o:2' } } };
    expect((await settingsOf(sources)).tunnels).toEqual({ db: 'p:1', web: 'o:2' });
  });

  it.each<[object | string, RegExp]>([
    [{ ulr: 'x' }, /bastion\.json: got "ulr", expected url, region, profile, user, tunnels\. The nearest is url\./],
    ['{', /bastion\.json: got no JSON/],
    ['[]', /bastion\.json: got JSON that is no object/],
    [{ url: 1 }, /bastion\.json: got 1 for "url", expected a text/],
    [{ tunnels: ['db'] }, /bastion\.json: got tunnels that are no object/],
  ])('refuse %j', async (project, message) => {
    await expect(settingsOf({ project })).rejects.toThrow(message);
  });
});

describe('the URL', () => {
  it.each([
    'http://example.com',
    'ftp://x',
    'nonsense',
    'https://a:b@example.com',
    'https://example.com?x=1',
    'http://127.0.0.1.evil.com',
  ])('%s is refused', (url) => {
    expect(() => checkedUrl(url, '--url')).toThrow(/expected https:/);
  });

  it.each([
    ['https://a1b2.execute-api.eu-west-1.amazonaws.com/', {}, 'eu-west-1'],
    ['https://a1b2.execute-api.cn-north-1.amazonaws.com.cn', { region: 'eu-west-1' }, 'cn-north-1'],
    ['https://bastions.example.com', { region: 'eu-west-1' }, 'eu-west-1'],
    ['http://127.0.0.1:6001', { region: 'eu-west-1' }, undefined],
  ])('%s with %j is signed for %s', (url, values, region) => {
    expect(endpointOf({ values: { url, ...values }, origins: {} }).region).toBe(region);
  });

  it('without a region anywhere says how to name it', () => {
    const endpoint = endpointOf({ values: { url: 'https://bastions.example.com' }, origins: {} });
    expect(() => signingRegion(endpoint)).toThrow(/--region/);
  });

  it('has a folder that no other URL or user has, and no name leaves it', () => {
    const urls = ['https://a.example', 'https://a.example/b', 'https://a.example_b', 'http://127.0.0.1:1'];
    const folders = urls.flatMap((url) =>
      [undefined, '@', '../x', 'ann'].map((user) => bastionFolder({ XDG_STATE_HOME: '/s' }, url, user)),
    );
    expect(new Set(folders).size).toBe(16);
    expect(folders.filter((folder) => folder.split('/').length !== 5 || folder.includes('%'))).toEqual([]);
  });
});

describe('the credentials', () => {
  const env = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'token' };

  it('are those in the environment', async () => {
    const settings = { values: { profile: 'work' }, origins: { profile: 'the environment' } };
    expect(await credentialsOf(settings, env)).toEqual({
      accessKeyId: 'id',
      secretAccessKey: 'secret',
      sessionToken: 'token',
    });
  });

  it('of a profile that does not exist are missed in a sentence that names the way to renew them', async () => {
    const settings = { values: { profile: 'no such one' }, origins: { profile: 'the command line' } };
    await expect(credentialsOf(settings, env)).rejects.toThrow(/^AWS gives no credentials: .*aws sso login --profile/);
  });
});
