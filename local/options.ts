/** The options of `npm start`: ports in the environment, and settings of the stack by `-c name=value`, as with `cdk`. */
import { parseArgs } from 'node:util';
import { type ContainerKind, containerKinds } from './fargate/container-kinds.ts';

export interface Options {
  readonly help: boolean;
  /** The log has every line, also sshd's own, with session ids and ARNs. */
  readonly verbose: boolean;
  readonly apiPort: number;
  readonly awsPort: number;
  /** The run has an identity provider of its own, on this port. Undefined without one. */
  readonly issuerPort: number | undefined;
  readonly containers: ContainerKind;
  /** Arguments of every image's Dockerfile, by name. */
  readonly buildArguments: Readonly<Record<string, string>>;
  /** The settings by name, as text. */
  readonly context: Readonly<Record<string, string>>;
}

const ports = { PORT: 6001, AWS_PORT: 6002, ISSUER_PORT: 6003 } as const;

/** Throws an error that says what was got and what is expected. */
export function readOptions(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Options {
  const { help, verbose, containers, context, 'build-arg': buildArg, 'sign-in': signIn } = parse(args);
  const [apiPort, awsPort] = [port('PORT', env), port('AWS_PORT', env)];
  const issuerPort = signIn ? port('ISSUER_PORT', env) : undefined;
  refuseSame({ PORT: apiPort, AWS_PORT: awsPort, ...(issuerPort !== undefined && { ISSUER_PORT: issuerPort }) });
  if (buildArg.length > 0 && containers !== 'docker') {
    throw new Error('--build-arg: got one without --containers docker, which alone builds images.');
  }
  return {
    help,
    verbose,
    apiPort,
    awsPort,
    issuerPort,
    containers: containerKind(containers),
    buildArguments: Object.fromEntries(buildArg.map((text) => pair(text, buildArgForm))),
    context: Object.fromEntries(context.map((text) => pair(text, settingForm))),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        verbose: { type: 'boolean', default: false },
        'sign-in': { type: 'boolean', default: false },
        containers: { type: 'string', default: 'processes' },
        'build-arg': { type: 'string', multiple: true, default: [] },
        context: { type: 'string', short: 'c', multiple: true, default: [] },
      },
    }).values;
  } catch (error) {
    // Node's second sentence is advice for programs that take positional arguments.
    const [sentence] = error instanceof Error ? error.message.split('. ') : [String(error)];
    throw new Error(`${sentence}. npm start -- --help lists the options.`, { cause: error });
  }
}

function port(variable: keyof typeof ports, env: Readonly<Record<string, string | undefined>>): number {
  const value = env[variable] ?? String(ports[variable]);
  const number = /^[0-9]{1,5}$/.test(value) ? Number(value) : -1;
  if (number >= 0 && number <= 65535) return number;
  throw new Error(`${variable}: got "${value}", expected a port from 1 to 65535 (0 takes any free one).`);
}

function refuseSame(taken: Readonly<Record<string, number>>): void {
  for (const [name, number] of Object.entries(taken)) {
    const same = Object.keys(taken).find((other) => other !== name && taken[other] === number);
    if (same === undefined || number === 0) continue;
    throw new Error(`${name} and ${same}: got ${number} for both, expected two different ports.`);
  }
}

function containerKind(text: string): ContainerKind {
  const kind = containerKinds.find((one) => one === text);
  if (kind === undefined) throw new Error(`--containers: got "${text}", expected ${containerKinds.join(' or ')}.`);
  return kind;
}

const settingForm = { option: '-c', form: '<setting>=<value>', example: '-c defaultTtl=10m' };
const buildArgForm = {
  option: '--build-arg',
  form: '<name>=<value>',
  example: '--build-arg BASE_IMAGE=debian:trixie-slim',
};

function pair(text: string, { option, form, example }: typeof settingForm): [string, string] {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name, value];
  throw new Error(`${option}: got "${text}", expected ${form}, for example ${example}.`);
}

interface Setting {
  /** The text that one would type. Empty when there is none. */
  readonly default: string;
  readonly description: string;
}

/** The text of `npm start -- --help`. */
export function helpText(settings: Readonly<Record<string, Setting>>): string {
  const aws = `aws --region us-east-1 --no-sign-request --endpoint-url http://127.0.0.1:${ports.AWS_PORT}`;
  const width = Math.max(...Object.keys(settings).map((name) => name.length));
  const rows = Object.entries(settings).map(([name, { default: value, description }]) => {
    const suffix = value === '' ? '' : ` (default: ${value})`;
    return `  ${name.padEnd(width)}  ${description}${suffix}`;
  });
  return `npm start -- [--sign-in] [--verbose] [-c <setting>=<value>]...
npm start -- --containers docker [--build-arg <name>=<value>]... [--sign-in] [--verbose] [-c <setting>=<value>]...

Runs the synthesized stack on this machine, against an emulated AWS, until Ctrl-C ends everything.
A bastion is a real sshd that runs as you, and its login is your own user name. With --containers docker it
runs in the image that deploys, as its task definition says, and its login is the setting sshLogin.
Every port listens on 127.0.0.1. No signature of AWS is checked: every request comes from you, as an admin. So the ports
refuse web pages of others and, on Linux, programs of the machine's other users.

Options
  -c, --context <setting>=<value>  sets a setting of the stack, as with cdk deploy
      --containers <kind>          runs tasks as processes (the default) or in docker, which must run on this Linux machine
      --build-arg <name>=<value>   sets an argument of every image's Dockerfile, as with docker build:
                                   BASE_IMAGE=<an image that Docker has>, PACKAGE_URL=<a .deb package>
      --sign-in                    brings an identity provider with two people, for tokens of people on /me. They are checked.
      --verbose                    prints every log line: sshd's own, session ids, ARNs, paths
  -h, --help                       prints this

Environment
  PORT         port of the API (default: ${ports.PORT}; 0 takes any free one)
  AWS_PORT     port of the emulated AWS (default: ${ports.AWS_PORT}; 0 takes any free one)
  ISSUER_PORT  port of the identity provider (default: ${ports.ISSUER_PORT}; 0 takes any free one)
  NO_COLOR     any value switches the colours off

Look into the emulated AWS
  ${aws} ecs list-clusters
  ${aws} ec2 describe-security-groups
  AWS_ENDPOINT_URL=http://127.0.0.1:${ports.AWS_PORT} npx --no-install bastion sweep --dry-run

Settings
${rows.join('\n')}`;
}
