/** Options of the person's ssh_config that defeat the command's own. `ssh -G` tells what is in force. */
import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { opensshVersion, outcomeOf, type Version } from '../../ssh/openssh.ts';
import { bastionOptions } from '../../ssh/options.ts';
import { wordsOf } from '../../ssh/words.ts';
import type { Environment } from '../../state/places.ts';
import { readSource } from '../../state/settings.ts';
import { sentenceOf } from '../../terminal/errors.ts';
import { installedHost } from '../ssh-config.ts';
import { type Finding, fault, ok, type Status, warning } from './finding.ts';

/** The values of each option, by its name in small letters. */
export type SshOptions = ReadonlyMap<string, readonly string[]>;

/** Reads the output of `ssh -G`. */
export function optionsIn(output: string): SshOptions {
  const options = new Map<string, string[]>();
  for (const line of output.split(/\r?\n/)) {
    const [, name = '', value = ''] = /^(\S+) ?(.*)$/.exec(line) ?? [];
    if (name !== '') options.set(name, [...(options.get(name) ?? []), value]);
  }
  return options;
}

const check = 'ssh_config';

export async function examineSshConfig(env: Environment): Promise<Finding[]> {
  const version = await opensshVersion();
  // A block of ours would start a bastion when ssh evaluates it.
  const quiet = { ...env, BASTION_NO_START: '1' };
  const host = installedHost() ?? 'bastion';
  const [forced, plain] = await Promise.all(
    [sampleArguments(version), [host]].map((args) => outcomeOf('ssh', ['-T', '-G', ...args], { env: quiet })),
  );
  if (forced === undefined || plain === undefined || forced.code !== 0) {
    return [fault(check, `ssh -G ended with ${forced?.code}: ${forced?.stderr.trim()} Correct your ssh_config.`)];
  }
  const options = optionsIn(plain.stdout);
  const findings = [
    ...conflictsIn(optionsIn(forced.stdout)),
    ...aliasFindings(options, host),
    ...(await goneFindings(options, host)),
  ];
  return findings.length > 0 ? findings : [ok(check, 'Nothing in it stands in the way.')];
}

const alias = 'bastion-doctor.invalid';

/** The arguments by which the command runs ssh, for a bastion that does not exist. */
export const sampleArguments = (version: Version): string[] => [
  ...bastionOptions(
    { host: '192.0.2.1', port: 22, login: 'bastion', alias, knownHosts: '/dev/null', identity: '/dev/null' },
    version,
  ),
  alias,
];

interface Conflict {
  readonly option: string;
  readonly stands: (values: readonly string[]) => boolean;
  readonly status: Exclude<Status, 'ok'>;
  readonly effect: string;
}

const isSet = ([value = 'none']: readonly string[]): boolean => value !== 'none';
const is =
  (...values: readonly string[]) =>
  ([value = '']: readonly string[]): boolean =>
    values.includes(value);
/** A bastion has an Ed25519 key and one of P-256. */
const knowsNoHostKey = ([value = '']: readonly string[]): boolean =>
  !value.split(',').some((one) => ['ssh-ed25519', 'ecdsa-sha2-nistp256'].includes(one));

const conflicts: readonly Conflict[] = [
  { option: 'proxyjump', stands: isSet, status: 'warning', effect: 'so the bastion sees another address than the API' },
  {
    option: 'proxycommand',
    stands: isSet,
    status: 'warning',
    effect: 'so the bastion may see another address than the API',
  },
  {
    option: 'bindaddress',
    stands: isSet,
    status: 'warning',
    effect: 'so ssh may leave by another address than the API sees',
  },
  {
    option: 'bindinterface',
    stands: isSet,
    status: 'warning',
    effect: 'so ssh may leave by another address than the API sees',
  },
  { option: 'addressfamily', stands: is('inet6'), status: 'fault', effect: 'but bastions have IPv4 addresses' },
  {
    option: 'pubkeyauthentication',
    stands: is('no', 'false'),
    status: 'fault',
    effect: 'but bastions take nothing else',
  },
  {
    option: 'hostkeyalgorithms',
    stands: knowsNoHostKey,
    status: 'fault',
    effect: 'but a bastion has ssh-ed25519 and ecdsa-sha2-nistp256 alone',
  },
  { option: 'remotecommand', stands: isSet, status: 'fault', effect: 'so "bastion ssh -- COMMAND" and tunnels fail' },
  { option: 'sessiontype', stands: is('none', 'subsystem'), status: 'fault', effect: 'so "bastion ssh" gets no shell' },
  { option: 'localforward', stands: isSet, status: 'warning', effect: 'and tunnels fail while its port is taken' },
  { option: 'remoteforward', stands: isSet, status: 'warning', effect: 'which bastions refuse, so tunnels fail' },
  { option: 'dynamicforward', stands: isSet, status: 'warning', effect: 'and tunnels fail while its port is taken' },
];

/** @param options those in force beside the command's own */
export const conflictsIn = (options: SshOptions): Finding[] =>
  conflicts.flatMap(({ option, stands, status, effect }) => {
    const values = options.get(option);
    if (values === undefined || !stands(values)) return [];
    const found = `It sets ${option} ${shortened(values[0] ?? '')} for every host, ${effect}. Exempt the hosts bastion and bastion-* from it.`;
    return [status === 'fault' ? fault(check, found) : warning(check, found)];
  });

const shortened = (value: string): string => (value.length > 60 ? `${value.slice(0, 60)}…` : value);

/** The command that the block of `bastion ssh-config` gives to ssh. */
const ownProxy = /\bbastion\b.*\bproxy\b/;

/** The plain `ssh bastion`: whose block it is, and whether ours is whole. */
export function aliasFindings(options: SshOptions, host: string): Finding[] {
  const [hostname = host] = options.get('hostname') ?? [];
  const [command = ''] = options.get('proxycommand') ?? [];
  if (!ownProxy.test(command)) {
    const found = `"ssh ${host}" leads to ${hostname} by a block of your own. "bastion ssh" works all the same.`;
    return hostname === host ? [] : [warning(check, found)];
  }
  const [strict = ''] = options.get('stricthostkeychecking') ?? [];
  if (['yes', 'true'].includes(strict)) return [];
  return [
    fault(
      check,
      `A block in front of the command's own sets StrictHostKeyChecking ${strict}. Move the line "Include bastion/config" to the top.`,
    ),
  ];
}

/** The files that ssh runs and reads by our block. An update of Node, of the command or a clean-up may have removed them. */
async function goneFindings(options: SshOptions, host: string): Promise<Finding[]> {
  const [command = ''] = options.get('proxycommand') ?? [];
  if (!ownProxy.test(command)) return [];
  const paths = wordsOf(command, process.platform).filter(isAbsolute);
  const remedy = 'Run "bastion ssh-config --install" again.';
  const gone = paths.filter((path) => !existsSync(path));
  const findings = gone.map((path) => fault(check, `"ssh ${host}" needs ${path}, which is gone. ${remedy}`));
  const settings = paths.at(-1);
  if (settings === undefined || gone.includes(settings)) return findings;
  try {
    await readSource(settings);
    return findings;
  } catch (error) {
    return [...findings, fault(check, `"ssh ${host}" cannot read its settings. ${sentenceOf(error)} ${remedy}`)];
  }
}
