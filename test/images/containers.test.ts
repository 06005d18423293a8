/** Containers in Docker run as their definition says. */
import { describe, expect, it } from 'vitest';
import { dockerCli } from '../../local/fargate/docker/cli.ts';
import { run } from '../support/ssh.ts';
import { makeDockerHost } from './container-host.ts';

describe('a container', () => {
  it('has the variables of its definition and no others of ours', async () => {
    const { run: runIn } = await makeDockerHost();
    const environment = { ONE: 'a "b" $c', TWO: 'two\nlines', EMPTY: '', HOME: '/opt' };
    const { lines } = await runIn('env -0 | sort -z | tr "\\0\\n" "|/"', { environment });
    expect(lines.join('')).toMatch(
      /^EMPTY=\|HOME=\/opt\|HOSTNAME=\w+\|ONE=a "b" \$c\|PATH=[^|]*\|PWD=\/\|SHLVL=\d\|TWO=two\/lines\|_=[^|]*\|$/,
    );
  });

  it('has no secret on a command line of this machine', async () => {
    const { attach, start } = await makeDockerHost();
    await attach('one');
    const starting = start('one', 'sleep 1000', { environment: { SECRET: 'for-no-eyes' } });
    const seen: string[] = [];
    let isStarting = true;
    void starting.finally(() => (isStarting = false));
    while (isStarting) seen.push((await run('ps', ['-A', '-ww', '-o', 'args='])).stdout);
    expect(seen.join('')).toContain('--env SECRET');
    expect(seen.join('')).not.toContain('for-no-eyes');
  });

  it('runs its command as its user, with an init process, on a root that it can not write', async () => {
    const { run: runIn } = await makeDockerHost();
    const properties = {
      user: '1234',
      readonlyRootFilesystem: true,
      linuxParameters: { initProcessEnabled: true },
      command: ['ignored', 'argument'],
    };
    const script =
      'exec 2>&1; id -u; echo "$1"; tr "\\0" " " </proc/1/cmdline | cut -d" " -f1; echo; touch /tmp/x; exit 7';
    const { code, lines } = await runIn(script, properties);
    expect({ code, lines: lines.filter((line) => line !== '') }).toEqual({
      code: 7,
      lines: ['1234', 'argument', expect.stringMatching(/init/), expect.stringMatching(/Read-only file system/)],
    });
  });

  it("has Fargate's capabilities without those that its definition drops", async () => {
    const { run: runIn } = await makeDockerHost();
    const capabilities = async (drop: string[]) => {
      const { lines } = await runIn('grep CapBnd /proc/self/status', { linuxParameters: { capabilities: { drop } } });
      return Number.parseInt(lines[0]?.split('\t')[1] ?? '', 16);
    };
    // The bits of linux/capability.h: CHOWN is 0, SETUID is 7. Docker's default set is a80425fb.
    expect(await capabilities([])).toBe(0xa80425fb);
    expect(await capabilities(['CHOWN', 'SETUID'])).toBe(0xa80425fb - 2 ** 0 - 2 ** 7);
    expect(await capabilities(['ALL'])).toBe(0);
  });

  it('has the limits of its definition', async () => {
    const { run: runIn } = await makeDockerHost();
    const { lines } = await runIn('ulimit -Sn; ulimit -Hn; cat /proc/sys/net/ipv4/ip_unprivileged_port_start', {
      ulimits: [{ name: 'nofile', softLimit: 1000, hardLimit: 2000 }],
      systemControls: [{ namespace: 'net.ipv4.ip_unprivileged_port_start', value: '17' }],
      cpu: '512',
      memory: '128',
    });
    expect(lines).toEqual(['1000', '2000', '17']);
  });

  it.each([
    ['kill -TERM', { linuxParameters: { initProcessEnabled: true } }, 143],
    ['kill -KILL', { linuxParameters: { initProcessEnabled: true } }, 137],
    ['exit 64; #', {}, 64],
  ])('that ends by %s ends with the code that ECS shows', async (how, properties, code) => {
    const { run: runIn } = await makeDockerHost();
    expect(await runIn(`${how} $$`, properties)).toMatchObject({ code });
  });

  it.each([
    ['SIGTERM', 5],
    ['SIGKILL', 137],
  ] as const)('gets %s', async (signal, code) => {
    const { attach, start, lines } = await makeDockerHost();
    await attach('one');
    const container = await start('one', 'trap "exit 5" TERM; echo up; sleep 1000 & wait');
    await expect.poll(() => lines, { timeout: 30_000 }).toContain('one one up');
    container.kill(signal);
    expect(await container.exited).toBe(code);
    container.kill('SIGKILL'); // one that has ended takes no signal
  });

  it('whose program is missing does not start, and says so', async () => {
    const { attach, start } = await makeDockerHost();
    await attach('one');
    await expect(start('one', '', { entryPoint: ['/agent/none.sh'] })).rejects.toThrow(/none\.sh.*no such file/);
  });

  it('shares the network of its task with the others', async () => {
    const { attach, start, lines } = await makeDockerHost();
    await attach('one');
    await start('one', 'readlink /proc/self/ns/net; exec sleep 1000');
    const other = await start('one', 'readlink /proc/self/ns/net', { name: 'two' });
    expect(await other.exited).toBe(0);
    const networks = () => lines.filter((line) => line.includes('net:[')).map((line) => line.replace(/^.* /, ''));
    await expect.poll(networks, { timeout: 30_000 }).toHaveLength(2);
    expect(new Set(networks()).size).toBe(1);
  });
});

describe('the end of a task', () => {
  it('removes its containers, and the end of a run removes its network', async () => {
    const { host, attach, start, network, folder } = await makeDockerHost();
    await attach('one');
    await start('one', 'sleep 1000');
    const held = () => dockerCli.run(['ps', '--all', '--quiet', '--filter', `label=bastion-on-demand.run=${folder}`]);
    expect(await held()).not.toBe('');
    await host.detach('one');
    expect(await held()).toBe('');
    await network.remove();
    expect(await dockerCli.run(['network', 'ls', '--quiet', '--filter', `name=${network.name}`])).toBe('');
  });
});
