import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { askDocker, DockerError } from '../../local/fargate/docker/cli.ts';
import { makeNetwork } from '../../local/fargate/docker/network.ts';
import { removeAbandoned } from '../../local/fargate/docker/run-labels.ts';
import { scriptDocker } from '../support/scripted-docker.ts';

describe('what an ended run has left in Docker', () => {
  const alive = import.meta.dirname;
  const listing = (command: string) => {
    if (command.startsWith('ps ')) return `c-alive ${alive}\nc-dead /no such/run-1\nc-other `;
    if (command.startsWith('network ls ')) return `n-dead /no such/run-1\nn-alive ${alive}`;
    return '';
  };

  it('is removed, if the run is of this machine and its folder is gone', async () => {
    const docker = scriptDocker(listing);
    await removeAbandoned(docker);
    expect(docker.commands.filter((command) => !command.includes(' --filter '))).toEqual([
      'rm --force --volumes c-dead',
      'network rm n-dead',
    ]);
    for (const command of docker.commands.filter((one) => one.includes(' --filter '))) {
      expect(command).toContain(`--filter label=bastion-on-demand.host=${hostname()} `);
    }
  });

  it('may be removed by another start at the same time', async () => {
    const docker = scriptDocker((command) =>
      /rm /.test(command) ? new DockerError('docker rm: No such container: c-dead') : listing(command),
    );
    await expect(removeAbandoned(docker)).resolves.toBeUndefined();
  });

  it('fails the start if it can not be removed', async () => {
    const docker = scriptDocker((command) =>
      /^rm /.test(command) ? new DockerError('docker rm: no') : listing(command),
    );
    await expect(removeAbandoned(docker)).rejects.toThrow('docker rm: no');
  });
});

describe('the network of a run', () => {
  const inspected = (configs: object[]) =>
    scriptDocker((command) => (command.startsWith('network inspect') ? JSON.stringify(configs) : ''));

  it('has the containers of its subnet, and this machine at its gateway', async () => {
    const docker = inspected([{ Subnet: 'fd00::/64' }, { Subnet: '172.18.0.0/16', Gateway: '172.18.0.1' }]);
    const network = await makeNetwork(docker, '/checkout/.local/run-host-1-abc');
    expect(network).toMatchObject({ name: 'bastions-run-host-1-abc', machineIp: '172.18.0.1' });
    const addresses = ['172.18.0.2', '172.18.255.1', '172.18.0.1', '172.19.0.2', '127.0.0.1', ''];
    expect(addresses.filter((ip) => network.isContainer(ip))).toEqual(['172.18.0.2', '172.18.255.1']);
    expect(docker.commands[0]).toContain('--opt com.docker.network.bridge.enable_icc=false ');
    await network.remove();
    expect(docker.commands.at(-1)).toBe('network rm bastions-run-host-1-abc');
  });

  it('is refused without an address of this machine', async () => {
    await expect(makeNetwork(inspected([{ Subnet: '172.18.0.0/16' }]), '/run-1')).rejects.toThrow(
      `Docker made the network bastions-run-1 with [{"Subnet":"172.18.0.0/16"}], expected a gateway's IPv4 address.`,
    );
  });
});

describe('a Docker that does not answer', () => {
  it.each([
    [
      Object.assign(new Error('spawn docker ENOENT'), { code: 'ENOENT' }),
      'Found no program "docker". Install Docker, or a program that takes its place, and start its daemon. ' +
        'Without --containers docker, tasks run as processes.',
    ],
    [
      undefined,
      'Docker does not answer (docker version: why). Start its daemon, for example with: sudo systemctl start docker. ' +
        'Without --containers docker, tasks run as processes.',
    ],
  ])('because of %s ends the start with a sentence', async (cause, sentence) => {
    const docker = scriptDocker(() => new DockerError('docker version: why', { cause }));
    await expect(askDocker(docker)).rejects.toThrow(sentence);
  });

  it('to this user names the way to get the permission', async () => {
    const docker = scriptDocker(() => new DockerError('docker version: permission denied while trying to connect'));
    await expect(askDocker(docker)).rejects.toThrow(
      'You may not use Docker (docker version: permission denied while trying to connect). ' +
        'Let your user, for example with: sudo usermod -aG docker "$USER", and log in again. ' +
        'Without --containers docker, tasks run as processes.',
    );
  });
});
