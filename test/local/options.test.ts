import { describe, expect, it } from 'vitest';
import { TokenBucket } from '../../emulator/token-bucket.ts';
import { helpText, readOptions } from '../../local/options.ts';

const defaults = {
  help: false,
  verbose: false,
  apiPort: 6001,
  awsPort: 6002,
  issuerPort: undefined,
  containers: 'processes',
  buildArguments: {},
  context: {},
};

describe('the options of npm start', () => {
  it.each([
    [[], {}, defaults],
    [[], { PORT: '80', AWS_PORT: '0' }, { ...defaults, apiPort: 80, awsPort: 0 }],
    [[], { PORT: '0', AWS_PORT: '0' }, { ...defaults, apiPort: 0, awsPort: 0 }],
    [['-c', 'maxTtl=2h', '--context', 'admins=a=b'], {}, { ...defaults, context: { maxTtl: '2h', admins: 'a=b' } }],
    [['--verbose'], {}, { ...defaults, verbose: true }],
    [['--sign-in'], {}, { ...defaults, issuerPort: 6003 }],
    [['--sign-in'], { ISSUER_PORT: '0' }, { ...defaults, issuerPort: 0 }],
    [[], { ISSUER_PORT: '6001' }, defaults],
    [['--containers', 'processes'], {}, defaults],
    [['--containers=docker'], {}, { ...defaults, containers: 'docker' }],
    [
      ['--containers', 'docker', '--build-arg', 'BASE_IMAGE=debian:trixie', '--build-arg', 'PACKAGE_URL='],
      {},
      { ...defaults, containers: 'docker', buildArguments: { BASE_IMAGE: 'debian:trixie', PACKAGE_URL: '' } },
    ],
    [['--help'], {}, { ...defaults, help: true }],
    [['-h'], {}, { ...defaults, help: true }],
  ])('%j %j', (args, env, expected) => expect(readOptions(args, env)).toEqual(expected));

  it.each([
    [[], { PORT: '70000' }, /PORT: got "70000", expected a port/],
    [[], { AWS_PORT: 'x' }, /AWS_PORT: got "x"/],
    [['-c', 'maxTtl'], {}, /-c: got "maxTtl", expected <setting>=<value>/],
    [[], { PORT: '7000', AWS_PORT: '7000' }, 'PORT and AWS_PORT: got 7000 for both, expected two different ports.'],
    [
      ['--sign-in'],
      { ISSUER_PORT: '6002' },
      'AWS_PORT and ISSUER_PORT: got 6002 for both, expected two different ports.',
    ],
    [['--loud'], {}, "Unknown option '--loud'. npm start -- --help lists the options."],
    [['--containers', 'podman'], {}, '--containers: got "podman", expected processes or docker.'],
    [['--build-arg', 'A=b'], {}, '--build-arg: got one without --containers docker, which alone builds images.'],
    [
      ['--containers', 'docker', '--build-arg', 'BASE_IMAGE'],
      {},
      '--build-arg: got "BASE_IMAGE", expected <name>=<value>, for example --build-arg BASE_IMAGE=debian:trixie-slim.',
    ],
    [['-c'], {}, "Option '-c, --context <value>' argument missing. npm start -- --help lists the options."],
    [['go'], {}, "Unexpected argument 'go'. npm start -- --help lists the options."],
  ])('%j %j are refused', (args, env, message) => expect(() => readOptions(args, env)).toThrow(message));
});

it('explains each option, variable and setting in the help', () => {
  const text = helpText({
    ttl: { default: '1h', description: 'How long.' },
    vpcId: { default: '', description: 'Where.' },
  });
  for (const word of [
    '-c, --context',
    '--containers',
    '--build-arg',
    '--verbose',
    '--sign-in',
    '-h, --help',
    'PORT',
    'AWS_PORT',
    'ISSUER_PORT',
    'NO_COLOR',
  ]) {
    expect(text).toMatch(new RegExp(`^ +${word}`, 'm'));
  }
  expect(text).toContain('\n  ttl    How long. (default: 1h)\n  vpcId  Where.');
});

describe('a token bucket', () => {
  it('gives its burst at once, then its rate, and never saves up more than the burst', () => {
    const bucket = new TokenBucket(3, 2);
    const taken = (at: number, tries: number) =>
      Array.from({ length: tries }, () => bucket.take(at)).filter(Boolean).length;
    expect(taken(0, 5)).toBe(3);
    expect(taken(1000, 5)).toBe(2);
    expect(taken(1_000_000, 5)).toBe(3);
  });
});
