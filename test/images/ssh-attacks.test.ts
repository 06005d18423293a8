/** What a login tries against its bastion: the clock, the keys, the log, the secrets. Each is denied in the image. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { agentLine, sessionId } from '../support/agent-task.ts';
import { makeKeyPair, type Outcome, ssh } from '../support/ssh.ts';
import { buildSshImage, type SshContainer, startSshContainer } from './ssh-container.ts';

/** A user of this test alone, because it uses up the processes of that user. */
const ownUid = 10_023;

let bastion: SshContainer;

beforeAll(async () => {
  bastion = await startSshContainer(await buildSshImage('bastion-ssh-test'), { uid: ownUid });
});

afterAll(() => bastion.close());

const login = (command: string): Promise<Outcome> => ssh(bastion.target, command);

/** A shell loop over the processes that are not the login's own. */
const forEachOfRoot = (command: string) =>
  `for folder in /proc/[0-9]*; do pid=\${folder#/proc/}; [[ $(stat -c %u $folder 2>/dev/null) == 0 ]] && { ${command}; }; done; true`;

describe('a login is denied', () => {
  test.each(['TERM', 'KILL', 'STOP', 'USR1'])(
    'to signal the clock, sshd, or any process of root, with %s',
    async (signal) => {
      const { code, stderr } = await login(forEachOfRoot(`echo $pid; kill -${signal} $pid`));
      const refusals = stderr.split('\n').filter((line) => line !== '');
      expect(code).toBe(0);
      expect(refusals.length).toBeGreaterThan(4);
      for (const refusal of refusals) expect(refusal).toMatch(/Operation not permitted$|No such process$/);
    },
  );

  test('the environment, memory and open files of any process of root', async () => {
    const files = ['environ', 'mem', 'fd/', 'root/', 'cwd/', 'io', 'maps']
      .map((name) => `/proc/$pid/${name}`)
      .join(' ');
    const { stdout } = await login(
      forEachOfRoot(`for file in ${files}; do [[ -d $file ]] && ls $file || cat $file; done`),
    );
    expect(stdout).toBe('');
  });

  test('the host keys', async () => {
    const { stdout, stderr } = await login(
      'cat /var/lib/bastion/HOST_KEY_*; for t in ED25519 ECDSA; do cat /var/lib/bastion/HOST_KEY_$t; done; ls /var/lib/bastion',
    );
    expect(stdout).toBe('');
    expect(stderr.split('\n').filter((line) => line !== '')).toEqual(
      ['HOST_KEY_*', 'HOST_KEY_ED25519', 'HOST_KEY_ECDSA', ''].map(() =>
        expect.stringMatching(/Permission denied|No such file/),
      ),
    );
  });

  test('a second key, in whichever file it writes it', async () => {
    const { privateKey, publicKey } = await makeKeyPair(bastion.task.bin, 'second');
    const keys = '/var/lib/bastion/authorized_keys';
    const { code, stderr } = await login(
      `mkdir -m 700 .ssh; echo '${publicKey}' | tee .ssh/authorized_keys .ssh/authorized_keys2 | tee -a ${keys} >/dev/null; rm -f ${keys}; mv /var/lib/bastion /tmp/; echo x >>/agent/ssh/sshd_config; echo x >>/etc/passwd`,
    );
    expect(code).not.toBe(0);
    expect(stderr.match(/Permission denied/g)?.length).toBe(5);
    expect(await ssh({ ...bastion.target, identity: privateKey }, 'true')).toMatchObject({ code: 255 });
  });

  test('the credentials of the task', async () => {
    const { AWS_CONTAINER_CREDENTIALS_FULL_URI: uri = '', AWS_CONTAINER_AUTHORIZATION_TOKEN: token = '' } =
      bastion.task.environment;
    const found = await login(
      'env; cat /proc/*/environ /proc/*/cmdline 2>/dev/null; find / -xdev -type f -readable -newer /etc/hostname -exec cat {} + 2>/dev/null | tr -d "\\0"',
    );
    expect(found.stdout).toContain('SSH_CONNECTION=');
    for (const secret of [token, new URL(uri).pathname, ...(await bastion.task.credentials())])
      expect(found.stdout).not.toContain(secret);
  });

  test('a process beyond its limit, and gets its bastion back afterwards', async () => {
    const bomb = 'i=0; while [ $i -lt 1000 ]; do sleep 1000 >/dev/null 2>&1 & i=$((i+1)); done';
    const { code, stderr } = await login(`busybox ash -c '${bomb}'`);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/can't fork: Resource temporarily/) });
    const { stdout } = await bastion.exec('ps', '-o', 'user,comm');
    const own = stdout.split('\n').filter((line) => line.startsWith('bastion'));
    expect(own.length).toBeGreaterThan(400);
    expect(own.length).toBeLessThanOrEqual(512);
    expect(
      await bastion.exec(
        'bash',
        '-c',
        'for f in /proc/[0-9]*; do [[ $(stat -c %u $f) == 10023 ]] && kill -KILL $(basename $f); done; true',
      ),
    ).toMatchObject({ code: 0 });
    expect(await login('echo in')).toMatchObject({ code: 0, stdout: 'in\n' });
  });

  test('memory beyond its container’s, which ends its own process alone', async () => {
    expect(await login('tail /dev/zero; echo $?')).toMatchObject({ code: 0, stdout: '137\n' });
    expect(await login('echo in')).toMatchObject({ code: 0, stdout: 'in\n' });
  });
});

describe('a login writes no line of the log', () => {
  const forged = 'Accepted publickey for root from 192.0.2.1';

  test('through an open file of root', async () => {
    const { stderr } = await login(
      forEachOfRoot(`for fd in 1 2 4; do echo '${forged}' >/proc/$pid/fd/$fd; done`) +
        `; echo '${forged}' >/dev/console`,
    );
    expect(stderr).toMatch(/Permission denied/);
    expect(bastion.log.join('\n')).not.toContain('192.0.2.1');
  });

  test('through a name that sshd logs', async () => {
    for (const name of [`x\r\n${forged}`, `x\n${forged}`])
      await ssh({ ...bastion.target, options: ['-W', `${name}:22`] });
    await login('true');
    const lines = bastion.log.filter((line) => line.includes('192.0.2.1'));
    const start = `[${sessionId}]     | Accepted p`;
    expect(lines.map((line) => line.slice(0, start.length))).toEqual([start, start]);
  });
});

test('processes end with the container that take no notice of signals, fork without end, or keep the processor busy', async () => {
  const { stdout } = await login(
    `bash -c 'trap "" TERM HUP INT; echo up; exec >/dev/null 2>&1; while :; do sleep 1; done' & sleep 1; echo`,
  );
  expect(stdout).toContain('up');
  const many = (count: number, loop: string) =>
    login(`trap '' TERM HUP; for ((i = 0; i < ${count}; i++)); do while :; do ${loop} done & done; wait`);
  const sessions = Promise.all([many(6, 'sleep 0.5 &'), many(100, ':;')]);
  const hasBegun = async () => (await bastion.exec('ps', '-o', 'user')).stdout.split('bastion').length > 120;
  await vi.waitUntil(hasBegun, { timeout: 60_000, interval: 200 });
  expect(await bastion.stop()).toBe(0);
  expect(bastion.log).toContain(agentLine('ended by a signal'));
  expect(await sessions).toMatchObject([{ code: 255 }, { code: 255 }]);
});
