/** The text at the end of a start: the commands that a person needs now, ready to be pasted. */
import { isAdmin, type Person, people } from './issuer/people.ts';
import { hostKeysCommand, type Paint, shellWord, sshCommand } from './shell.ts';

export interface BannerOptions {
  readonly apiUrl: string;
  readonly awsUrl: string;
  readonly login: string;
  /** Name of the person's public key in `~/.ssh`. Undefined when there is none. */
  readonly publicKey: string | undefined;
  /** Port of every bastion, or the range that each gets one of. Undefined in a stack that starts no bastion. */
  readonly sshPorts: string | undefined;
  /** Whether the stack has the page for people. */
  readonly hasPage: boolean;
  /** File that holds the header with the webhooks' secret. Undefined in a stack without webhooks. */
  readonly headerFile: string | undefined;
  /** Path of the webhook that starts a target. */
  readonly startPath: string | undefined;
  /** The run's own identity provider. Undefined without one. */
  readonly issuer?: string | undefined;
  readonly seconds: number;
  readonly paint: Paint;
}

/** An activation in the form of BastionZero's. It registers nothing. */
const activation = JSON.stringify({ activationId: 'aid', activationRegion: 'us-east-1', activationCode: 'acode' });

export function banner(options: BannerOptions): string {
  const {
    apiUrl,
    awsUrl,
    login,
    publicKey,
    sshPorts = '',
    hasPage,
    headerFile,
    startPath,
    issuer,
    seconds,
    paint,
  } = options;
  const port = /^\d+$/.test(sshPorts) ? sshPorts : '<port>';
  const target = shellWord(`${login}@`);
  const row = (label: string, text: string, note = '') =>
    `${paint('cyan', label.padEnd(8))} ${text}${note && `        ${paint('dim', `(${note})`)}`}`;
  return [
    '',
    row('API', apiUrl, 'the synthesized stack, running here'),
    row('command', `npx --no-install bastion configure --url ${apiUrl}`, 'then "npx --no-install bastion ssh"'),
    row('AWS', awsUrl, 'emulated: EC2, ECS, Lambda, DynamoDB, EventBridge, SSM, Secrets Manager'),
    ...(hasPage && issuer === undefined ? [row('page', `${apiUrl}/web`, 'the same in a browser')] : []),
    ...(publicKey === undefined ? [row('key', 'ssh-keygen -t ed25519', 'you have no key yet')] : []),
    row('start', `curl -X POST --data-binary "@$HOME/.ssh/${publicKey ?? 'id_ed25519.pub'}" ${apiUrl}`),
    row('keys', hostKeysCommand(apiUrl), 'the host keys by which ssh knows the bastion'),
    row('ssh', sshCommand(port, `${target}<address>`), 'the log shows it with the address when the bastion is ready'),
    row('look', `curl ${apiUrl}`),
    row('stop', `curl -X DELETE ${apiUrl}`),
    ...(issuer === undefined ? [] : [row('sign in', `${apiUrl}/web`, `as ${people.map(described).join(' or ')}`)]),
    ...(headerFile === undefined ? [] : [row('webhooks', webhookStart(`${apiUrl}${startPath}`, headerFile))]),
    paint('green', `ready in ${seconds.toFixed(1)} s; Ctrl-C ends everything; npm start -- --help explains.`),
    '',
  ].join('\n');
}

const described = (person: Person): string => `${person.email}${isAdmin(person) ? ', an admin' : ''}`;

/** Starts a target as BastionZero does. curl reads the secret, so that no terminal and no process list shows it. */
function webhookStart(url: string, headerFile: string): string {
  return `curl -H ${shellWord(`@${headerFile}`)} -d '${activation}' ${url}`;
}
