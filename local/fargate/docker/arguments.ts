/** The arguments with which Docker runs a container as Fargate does. */
import type { ContainerStart, LinuxParameters, Ulimit } from '../../../emulator/container-host.ts';

/** Arguments of `docker`, and the variables that its environment must hold for them. */
export interface DockerArguments {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export interface ContainerPlace {
  /** The image in Docker's words: an id or a reference. */
  readonly image: string;
  /** A network, or `container:<id>` for the network of another container of the same task. */
  readonly network: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Whether the container gets Fargate's limits where its definition has none. Docker's daemon may not be able to give them. */
  readonly hasFargateLimits: boolean;
}

/**
 * The capabilities of a container on Fargate. They are Docker's own default set.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KernelCapabilities.html
 */
export const fargateCapabilities = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'NET_RAW',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
] as const;

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-resource-limits */
const fargateUlimits: readonly Ulimit[] = [{ name: 'nofile', softLimit: 65_535, hardLimit: 65_535 }];

/** The arguments of `docker create`. Throws when Fargate would refuse the container. */
export function createArguments(start: ContainerStart, place: ContainerPlace): DockerArguments {
  const { image, network, labels, hasFargateLimits } = place;
  const [entryPoint, ...entryArguments] = start.entryPoint ?? [];
  const variables = namedValues('--env', start.environment);
  return {
    args: [
      'create',
      ...['--network', network],
      ...Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
      ...rights(start),
      ...limits(start, hasFargateLimits ? fargateUlimits : []),
      ...variables.args,
      ...(entryPoint === undefined ? [] : ['--entrypoint', entryPoint]),
      image,
      ...entryArguments,
      ...(start.command ?? []),
    ],
    environment: variables.environment,
  };
}

function rights({ user, readonlyRootFilesystem, linuxParameters = {} }: ContainerStart): string[] {
  return [
    ...['--cap-drop', 'ALL'],
    ...capabilitiesOf(linuxParameters).flatMap((capability) => ['--cap-add', capability]),
    ...(linuxParameters.initProcessEnabled ? ['--init'] : []),
    ...(user === undefined ? [] : ['--user', user]),
    ...(readonlyRootFilesystem ? ['--read-only'] : []),
  ];
}

function limits(start: ContainerStart, defaultUlimits: readonly Ulimit[]): string[] {
  const { ulimits = [], systemControls = [], cpu, memory } = start;
  const ulimitByName = new Map([...defaultUlimits, ...ulimits].map((ulimit) => [ulimit.name, ulimit]));
  return [
    ...[...ulimitByName.values()].flatMap(({ name, softLimit, hardLimit }) => [
      '--ulimit',
      `${name}=${softLimit}:${hardLimit}`,
    ]),
    ...systemControls.flatMap(({ namespace, value }) => ['--sysctl', `${namespace}=${value}`]),
    ...(cpu === undefined ? [] : ['--cpus', String(Number(cpu) / 1024)]),
    // On Fargate no container has swap space.
    ...(memory === undefined ? [] : ['--memory', `${memory}m`, '--memory-swap', `${memory}m`]),
  ];
}

function capabilitiesOf({ capabilities: { add = [], drop = [] } = {} }: LinuxParameters): string[] {
  const unknown = add.filter((capability) => capability !== 'SYS_PTRACE');
  if (unknown.length > 0) {
    throw new Error(`A container adds the capabilities ${unknown.join(', ')}; Fargate allows SYS_PTRACE alone.`);
  }
  const kept = drop.includes('ALL') ? [] : fargateCapabilities.filter((capability) => !drop.includes(capability));
  return [...kept, ...add];
}

/** Variables that `docker` reads itself. Their values can't be secrets, and go onto the command line. */
const ofDocker = /^(PATH|HOME|TMPDIR|LANG|LC_.*|XDG_.*|DOCKER_.*|BUILDX_.*|BUILDKIT_.*|CONTAINER_.*|.*_PROXY)$/i;

/**
 * Arguments that name each value, such as `--env NAME`. Docker takes the values from its environment, because other users of the
 * machine can read a command line.
 */
export function namedValues(option: string, values: Readonly<Record<string, string>>): DockerArguments {
  const names = Object.keys(values);
  return {
    args: names.flatMap((name) => [option, ofDocker.test(name) ? `${name}=${values[name]}` : name]),
    environment: Object.fromEntries(Object.entries(values).filter(([name]) => !ofDocker.test(name))),
  };
}
