import { describe, expect, it } from 'vitest';
import type { ContainerStart } from '../../emulator/container-host.ts';
import { createArguments, fargateCapabilities, namedValues } from '../../local/fargate/docker/arguments.ts';

const start: ContainerStart = { taskId: 'task', name: 'ssh', image: 'uri', environment: {} };
const place = { image: 'sha256:1', network: 'net', labels: { run: '/folder' }, hasFargateLimits: true };

const argumentsOf = (properties: Partial<ContainerStart> = {}, changes: Partial<typeof place> = {}) =>
  createArguments({ ...start, ...properties }, { ...place, ...changes });
const lineOf = (...parameters: Parameters<typeof argumentsOf>) => argumentsOf(...parameters).args.join(' ');
const valuesOf = (option: string, args: readonly string[]) =>
  args.flatMap((arg, index) => (arg === option ? [args[index + 1]] : []));

describe('docker create', () => {
  it("gets an image, a network, a label, Fargate's capabilities and its limit of open files", () => {
    const capabilities = fargateCapabilities.flatMap((capability) => ['--cap-add', capability]);
    expect(argumentsOf()).toEqual({
      args: [
        ...['create', '--network', 'net', '--label', 'run=/folder', '--cap-drop', 'ALL', ...capabilities],
        ...['--ulimit', 'nofile=65535:65535', 'sha256:1'],
      ],
      environment: {},
    });
  });

  it.each<[Partial<ContainerStart>, string]>([
    [{ user: '10022:tty' }, '--user 10022:tty'],
    [{ readonlyRootFilesystem: true }, '--read-only'],
    [{ linuxParameters: { initProcessEnabled: true } }, '--init'],
    [{ systemControls: [{ namespace: 'net.a', value: '0' }] }, '--sysctl net.a=0'],
    [{ cpu: '256', memory: '512' }, '--cpus 0.25 --memory 512m --memory-swap 512m'],
    [{ ulimits: [{ name: 'nofile', softLimit: 1, hardLimit: 2 }] }, '--ulimit nofile=1:2'],
    [{ ulimits: [{ name: 'nproc', softLimit: 3, hardLimit: 4 }] }, '--ulimit nofile=65535:65535 --ulimit nproc=3:4'],
    [{ entryPoint: ['/a', 'b'], command: ['c'] }, '--entrypoint /a sha256:1 b c'],
    [{ command: ['c', 'd'] }, 'sha256:1 c d'],
  ])('says %j as %s', (properties, words) => {
    expect(` ${lineOf(properties)} `).toContain(` ${words} `);
  });

  it('sets no limit that the daemon can not give', () => {
    expect(lineOf({}, { hasFargateLimits: false })).not.toContain('--ulimit');
    const ulimits = [{ name: 'nproc', softLimit: 3, hardLimit: 4 }];
    expect(lineOf({ ulimits }, { hasFargateLimits: false })).toContain('--ulimit nproc=3:4 ');
  });

  it.each([
    [{ drop: ['ALL'] }, []],
    [{ drop: ['ALL'], add: ['SYS_PTRACE'] }, ['SYS_PTRACE']],
    [{ drop: fargateCapabilities.filter((capability) => capability !== 'CHOWN') }, ['CHOWN']],
    [{}, fargateCapabilities],
  ])('grants, with the capabilities %j, just %j', (capabilities, expected) => {
    const { args } = argumentsOf({ linuxParameters: { capabilities } });
    expect(valuesOf('--cap-drop', args)).toEqual(['ALL']);
    expect(valuesOf('--cap-add', args)).toEqual(expected);
  });

  it('is refused a capability that Fargate refuses', () => {
    expect(() => argumentsOf({ linuxParameters: { capabilities: { add: ['NET_ADMIN'] } } })).toThrow(
      'A container adds the capabilities NET_ADMIN; Fargate allows SYS_PTRACE alone.',
    );
  });
});

describe('values', () => {
  it('stand in the environment of docker, and only their names in its arguments', () => {
    expect(namedValues('--env', { TOKEN: 'secret', EMPTY: '' })).toEqual({
      args: ['--env', 'TOKEN', '--env', 'EMPTY'],
      environment: { TOKEN: 'secret', EMPTY: '' },
    });
  });

  it.each(['PATH', 'HOME', 'DOCKER_HOST', 'https_proxy'])('of %s do not change what docker does', (name) => {
    expect(namedValues('--env', { [name]: 'x' })).toEqual({ args: ['--env', `${name}=x`], environment: {} });
  });
});
