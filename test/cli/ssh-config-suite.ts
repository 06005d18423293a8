/** Plain ssh, and programs that run it, with the lines of `bastion ssh-config`: against the local run. */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../local/fargate/addresses.ts';
import { find } from '../../local/machine.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { makePerson, type Person, type PersonOptions } from './person.ts';

/** The hosts behind a bastion that are reached at once. */
const hosts = 50;

/** The parts that the tests of the local run share. */
export interface Command {
  /** URL of the API. */
  readonly url: string;
  /** Path of the built command. */
  readonly program: string;
}

export function sshConfigSuite(command: () => Command): void {
  /** A person whose ssh knows the host `bastion`, under a name of their own. */
  async function installedPerson(name: string, options: PersonOptions = {}): Promise<Person> {
    const env = { BASTION_USER: name, ...options.env };
    const person = await makePerson({ ...command(), ...options, env });
    const { code, stderr } = await person.bastion('ssh-config', '--install', '--file', person.sshConfig);
    if (code !== 0) throw new Error(`ssh-config ended with ${code}: ${stderr}`);
    return person;
  }

  const startsOf = async (person: Person): Promise<number> =>
    JSON.parse((await person.bastion('ls', '--json')).stdout).length;

  describe.concurrent('ssh', () => {
    it('starts one bastion from two terminals at once, and none with BASTION_NO_START', async ({ expect }) => {
      await using person = await installedPerson('cold');
      const refused = await person.run('env', 'BASTION_NO_START=1', 'ssh', 'bastion', 'true');
      expect(refused).toMatchObject({ code: 255, stdout: '' });
      expect(refused.stderr.match(/: bastion: .*BASTION_NO_START.*/g)).toHaveLength(1);
      const terminals = await Promise.all([1, 2].map(() => person.run('ssh', 'bastion', 'echo inside')));
      expect(terminals).toMatchObject([1, 2].map(() => ({ code: 0, stdout: 'inside\n' })));
      expect(await startsOf(person)).toBe(1);
      expect(await person.run('env', 'BASTION_NO_START=1', 'ssh', 'bastion', 'true')).toMatchObject({ code: 0 });
      await person.bastion('down');
    });

    it('shares a connection, which ends with the bastion', async ({ expect }) => {
      await using state = await makeTemporaryFolder('s');
      await using person = await installedPerson('shared', { env: { XDG_STATE_HOME: state.path } });
      const server = async () => (await person.run('ssh', 'bastion', 'echo $SSH_CONNECTION')).stdout.trim();
      const first = await server();
      expect(first).toMatch(/^127\./);
      expect(await server()).toBe(first);
      const sockets = async () =>
        (await readdir(join(state.path, 'bastion'), { withFileTypes: true })).filter((entry) => entry.isSocket());
      expect(await sockets()).toHaveLength(1);
      await person.bastion('down');
      expect(await sockets()).toEqual([]);
      expect(await server()).not.toBe(first);
      await person.bastion('down');
    });

    it('fails at once with one sentence while the API does not answer, and every file stays', async ({ expect }) => {
      await using person = await installedPerson('offline', { url: `http://127.0.0.1:${await freePort()}` });
      const files = await readdir(person.home, { recursive: true });
      const { code, stdout, stderr } = await person.run('ssh', 'bastion', 'true');
      expect({ code, stdout }).toEqual({ code: 255, stdout: '' });
      expect(stderr.match(/: bastion: .* does not answer: .*$/gm)).toHaveLength(1);
      expect(await readdir(person.home, { recursive: true })).toEqual(files);
    });

    it('names the command that renews an expired sign-in, and opens no browser', async ({ expect }) => {
      await using person = await installedPerson('sso');
      const settings = { url: 'https://a1b2.execute-api.eu-west-1.amazonaws.com', profile: 'work' };
      await writeFile(join(dirname(person.sshConfig), 'bastion/deployment.json'), JSON.stringify(settings));
      await mkdir(join(person.home, '.aws'));
      const sso = ['sso_start_url=https://x.awsapps.com/start', 'sso_region=eu-west-1', 'sso_account_id=000000000000'];
      await writeFile(join(person.home, '.aws/config'), ['[profile work]', ...sso, 'sso_role_name=r'].join('\n'));
      const { code, stderr } = await person.run('ssh', 'bastion', 'true');
      expect(code).toBe(255);
      expect(stderr.match(/: bastion: .*aws sso login --profile work.*$/gm)).toHaveLength(1);
    });
  });

  describe('with a live bastion,', () => {
    let person: Person;

    /** The bastion's own sshd is what is behind it too: one more host for each name that ends in `.internal`. */
    beforeAll(async () => {
      person = await installedPerson('jumper', { homeName: 'home' }); // ssh gives -F to the ssh of ProxyJump without quotes
      await person.bastion('up');
      const [deployment = ''] = (await readdir(person.state)).filter((name) => name.startsWith('local-'));
      const place = join(person.state, deployment, 'user-jumper');
      const { host, port } = JSON.parse(await readFile(join(place, 'session.json'), 'utf8'));
      const keys = (await readFile(join(place, 'known_hosts'), 'utf8')).replaceAll(/^\S+/gm, 'behind');
      await writeFile(join(person.home, 'known hosts'), keys);
      const lines = [
        'Host *.internal',
        `  HostName ${host}`,
        `  Port ${port}`,
        `  User ${userInfo().username}`,
        `  IdentityFile "${person.state}/key/id_ed25519"`,
        '  HostKeyAlias behind',
        `  UserKnownHostsFile "${person.home}/known hosts"`,
        '  StrictHostKeyChecking yes',
        '  ProxyJump bastion',
      ];
      await writeFile(person.sshConfig, `${await readFile(person.sshConfig, 'utf8')}${lines.join('\n')}\n`);
    });
    afterAll(async () => {
      await person.bastion('down');
      await person[Symbol.asyncDispose]();
    });

    it('scp and sftp copy files', async () => {
      const text = 'x'.repeat(100_000);
      await writeFile(join(person.home, 'a file'), text);
      const there = (name: string) => join(person.home, name);
      expect(await person.run('scp', '-q', '-F', person.sshConfig, 'a file', `bastion:${there('b')}`)).toMatchObject({
        code: 0,
      });
      await writeFile(join(person.home, 'batch'), `get "${there('b')}" c\n`);
      expect(await person.run('sftp', '-q', '-F', person.sshConfig, '-b', 'batch', 'bastion')).toMatchObject({
        code: 0,
      });
      expect(await readFile(there('c'), 'utf8')).toBe(text);
    });

    it('git clones from a host behind it', async () => {
      const git = (...args: readonly string[]) =>
        person.run('git', '-c', 'user.name=ann', '-c', 'user.email=ann@example.com', ...args);
      await git('init', '-q', 'source');
      await git('-C', 'source', 'commit', '-q', '--allow-empty', '-m', 'one');
      const url = `ssh://app.internal${encodeURI(person.home)}/source`;
      expect(await git('clone', '-q', url, 'copy')).toMatchObject({ code: 0 });
      expect((await git('-C', 'copy', 'log', '--format=%s')).stdout).toBe('one\n');
    });

    it.skipIf(find('rsync') === undefined && process.env.CI !== 'true')(
      'rsync copies a folder from a host behind it',
      async () => {
        await mkdir(join(person.home, 'from here'));
        await writeFile(join(person.home, 'from here/x'), 'y');
        const from = `app.internal:${person.home}/from here/`;
        expect(await person.run('rsync', '-a', '-s', '-e', 'ssh', from, 'to here')).toMatchObject({ code: 0 });
        expect(await readFile(join(person.home, 'to here/x'), 'utf8')).toBe('y');
      },
    );

    it(`${hosts} hosts behind it are reached at once, as Ansible does`, async () => {
      const names = Array.from({ length: hosts }, (_, index) => `host${index}.internal`);
      const outcomes = await Promise.all(names.map((name) => person.run('ssh', name, `echo ${name}`)));
      // The shell behind each sshd may have words of its own for standard error.
      expect(outcomes).toMatchObject(names.map((name) => ({ code: 0, stdout: `${name}\n` })));
      expect(await startsOf(person)).toBe(1);
    });
  });

  it('uninstalling leaves the configuration as it was', async () => {
    await using person = await makePerson(command());
    const shown = await person.bastion('ssh-config', '--print', '--file', person.sshConfig);
    await mkdir(dirname(person.sshConfig));
    await writeFile(person.sshConfig, 'Host x\n', { mode: 0o644 });
    await person.bastion('ssh-config', '--install', '--file', person.sshConfig);
    const lines = await readFile(join(dirname(person.sshConfig), 'bastion/config'), 'utf8');
    expect(lines).toBe(shown.stdout);
    expect((await readFile(person.sshConfig, 'utf8')).split('\n')[0]).toMatch(/^Include ".*bastion\/config"$/);
    expect(await person.bastion('ssh-config', '--uninstall', '--file', person.sshConfig)).toMatchObject({ code: 0 });
    expect(await readFile(person.sshConfig, 'utf8')).toBe('Host x\n');
    expect((await stat(person.sshConfig)).mode & 0o777).toBe(0o644);
    expect(await readdir(dirname(person.sshConfig))).toEqual(['config']);
  });
}
