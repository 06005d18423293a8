import { expect, it, onTestFinished } from 'vitest';
import { type Docker, DockerError } from '../../local/fargate/docker/cli.ts';
import { DockerContainers } from '../../local/fargate/docker/containers.ts';
import { scriptDocker } from '../support/scripted-docker.ts';

const network = { name: 'net', machineIp: '192.0.2.1', isContainer: () => false, remove: async () => {} };

function hostOn(docker: Docker) {
  const lines: string[] = [];
  const log = (_task: string, container: string, line: string) => lines.push(`${container} ${line}`);
  const host = new DockerContainers({ docker, network, folder: '/run-folder', images: {}, log });
  onTestFinished(() => host.close());
  const start = async (taskId: string) => {
    await host.attach({ taskId, allows: () => true });
    return host.start({ taskId, name: 'ssh', image: 'ssh:1', environment: {} });
  };
  return { host, start, lines };
}

it("gives several tasks that start at the same time the daemon's own limits, where those are lower than Fargate's", async () => {
  let containers = 0;
  const withFargateLimits = new Set<string>();
  const docker = scriptDocker((command) => {
    if (command.startsWith('create ')) {
      const id = `id-${containers++}`;
      if (command.includes('--ulimit')) withFargateLimits.add(id);
      return id;
    }
    const [, startedId = ''] = /^start (.+)/.exec(command) ?? [];
    return withFargateLimits.has(startedId)
      ? new DockerError('error setting rlimit type 7: operation not permitted')
      : '0';
  });
  const { start, lines } = hostOn(docker);
  expect(await Promise.all(['one', 'two', 'three'].map(start))).toHaveLength(3);
  expect(containers).toBe(6);
  expect(lines.filter((line) => line.startsWith('firewall '))).toEqual([
    "firewall Docker's daemon has lower limits than Fargate, so containers get its own",
  ]);
});

it.each([
  ['removal of container id is already in progress', []],
  ['Cannot connect to the Docker daemon', ['firewall docker rm: Cannot connect to the Docker daemon']],
])('ends a task although Docker removes its container with the error "%s"', async (error, complaints) => {
  const docker = scriptDocker((command) =>
    command.startsWith('rm ') ? new DockerError(`docker rm: ${error}`) : command.startsWith('wait ') ? '0' : 'id',
  );
  const { host, start, lines } = hostOn(docker);
  await start('one');
  await host.detach('one');
  expect(docker.commands).toContain('rm --force --volumes id');
  expect(lines.filter((line) => line.startsWith('firewall '))).toEqual(complaints);
});
