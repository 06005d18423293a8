/** Looks for whatever could keep a person from the bastion: on this machine, on the way to the API, and on the way of ssh. */
import { dirname } from 'node:path';
import { endpointOf } from '../../api/endpoint.ts';
import { ownKeys } from '../../ssh/keys.ts';
import { opensshVersion } from '../../ssh/openssh.ts';
import { checkRoom } from '../../state/files.ts';
import { configPath, type Environment, stateFolder } from '../../state/places.ts';
import type { Settings } from '../../state/settings.ts';
import { table } from '../../terminal/table.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { examineApi } from './api.ts';
import { type Finding, faultOf, ok } from './finding.ts';
import { examineSshConfig } from './ssh-config.ts';

/**
 * Finds everything in one go: a fault of one check does not keep the others from theirs.
 * @param readSettings gives the settings without those of a broken file, whose error it hands over
 */
export async function examine(
  readSettings: (onBroken: (error: unknown) => void) => Promise<Settings>,
  terminal: Terminal,
  env: Environment,
): Promise<Finding[]> {
  const findings = await Promise.all([
    safely('ssh', examineSsh),
    safely('key', () => examineKeys(env)),
    safely('files', async () => examineFiles(env)),
    safely('ssh_config', () => examineSshConfig(env)),
    safely('settings', async () => {
      const broken: Finding[] = [];
      const settings = await readSettings((error) => broken.push(faultOf('settings', error)));
      return [...broken, ...(await safely('deployment', () => examineDeployment(settings, terminal, env)))];
    }),
  ]);
  return findings.flat();
}

async function safely(check: string, work: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await work();
  } catch (error) {
    return [faultOf(check, error)];
  }
}

async function examineSsh(): Promise<Finding[]> {
  const { major, minor } = await opensshVersion();
  return [ok('ssh', `OpenSSH ${major}.${minor}.`)];
}

async function examineKeys(env: Environment): Promise<Finding[]> {
  const [key, ...others] = await ownKeys(env);
  if (key === undefined) return [ok('key', 'You have none. The first start makes one for bastions.')];
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return [ok('key', `${key.fingerprint} (${key.file ?? 'in your agent'})${more}.`)];
}

/** Both folders of files, or the nearest folders above them. */
function examineFiles(env: Environment): Finding[] {
  const folders = [stateFolder(env), dirname(configPath(env))];
  for (const folder of folders) checkRoom(folder);
  return [ok('files', `${folders.join(' and ')} can be written.`)];
}

async function examineDeployment(settings: Settings, terminal: Terminal, env: Environment): Promise<Finding[]> {
  const endpoint = endpointOf(settings);
  const deployment = ok('deployment', `${endpoint.url}, set in ${settings.origins.url}.`);
  return [deployment, ...(await examineApi(settings, endpoint, terminal, env))];
}

export const findingsText = (findings: readonly Finding[]): string =>
  table(findings.map(({ status, check, found }) => [status, check, found]));
