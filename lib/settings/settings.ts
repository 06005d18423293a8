/** The settings of a deployment: text in CDK context (`-c name=value`, or `context` in cdk.json), each for one prop. */
import { checkProps } from './check.ts';
import { InvalidProps } from './invalid-props.ts';
import { nearest } from './nearest.ts';
import { defaults, type PropName, type ResolvedProps } from './rules.ts';
import { duration, type Form, flag, list, number, portOrRange, shown, textOf, word } from './text.ts';

/** The prop of each setting, the form in which it is typed, and its line of docs/settings.md. */
const rows = {
  stackName: [word, 'Name of the stack. Two stacks in one account never touch each other.'],
  vpcId: [word, 'VPC that bastions run in. Without it the stack makes a small one of its own.'],
  subnetIds: [
    list,
    'Public subnets of `vpcId`, comma-separated. Without them CDK looks them up, which needs credentials.',
  ],
  agents: [list, 'Kinds of agents to build, `ssh` among them. Any other kind brings the webhooks with it.'],
  sshImage: [
    word,
    'Ready arm64 image of the ssh agent, for a deployment without Docker. Without it the image is built.',
  ],
  sshBaseImage: [
    word,
    'Base image of the ssh agent, with a digest for reproducible builds. Without it the Dockerfile’s own.',
  ],
  sshPort: [portOrRange, 'Port of a bastion, or a range out of which each session gets one.'],
  sshLogin: [word, 'Login of the ssh image.'],
  ssmImage: [word, 'Ready arm64 image of the ssm agent. Without it the image is built.'],
  ssmPackageUrl: [word, 'The ssm agent’s arm64 .deb package, as an https URL. Without it AWS’s latest.'],
  ssmPackageSha256: [word, 'SHA-256 of the package at `ssmPackageUrl`. The build stops at another one.'],
  bzeroSsmImage: [word, 'Ready x86_64 image of the bzero-ssm agent. Without it the image is built.'],
  bzeroSsmPackageSource: [
    word,
    'The bzero-ssm agent’s .deb package, as an https URL. The build of its image needs it.',
  ],
  bzeroSsmPackageSha256: [word, 'SHA-256 of the package at `bzeroSsmPackageSource`. The build stops at another one.'],
  bzeroImage: [word, 'Ready x86_64 image of the bzero agent. Without it the image is built.'],
  bzeroPackageSource: [word, 'The bzero agent’s .deb package, as an https URL. The build of its image needs it.'],
  bzeroPackageSha256: [word, 'SHA-256 of the package at `bzeroPackageSource`. The build stops at another one.'],
  imageUpdates: [
    word,
    'Month of the newest Debian updates in the images, such as `2026-11`. Without it the current month in UTC.',
  ],
  cpu: [number, 'CPU units of a task. 1024 are one vCPU.'],
  memoryMiB: [number, 'Memory of a task in MiB. Fargate offers certain sizes for each `cpu`.'],
  defaultTtl: [duration, 'Lifetime of a bastion whose request names none.'],
  maxTtl: [duration, 'Longest `ttl` of one request.'],
  maxLifetime: [duration, 'Longest lifetime of a bastion, with all its extensions.'],
  idleEnd: [
    duration,
    'Time without a connection after which a bastion ends itself. Without it a bastion waits for its end.',
  ],
  webhookTtl: [duration, 'Lifetime of a target that no webhook stops before.'],
  webhookHmac: [flag, '`true` allows webhooks to sign with HMAC too, as BastionZero’s first protocol did.'],
  webhookPath: [
    word,
    'Part of the webhooks’ URLs that strangers cannot guess, so that they cannot use up the throttle.',
  ],
  maxSessions: [
    number,
    'Most bastions at once. The Fargate quota of a fresh account allows 24 tasks of the smallest size.',
  ],
  maxPerRole: [number, 'Most bastions at once that one IAM role’s credentials or one repository’s workloads start.'],
  maxTargets: [number, 'Most targets at once that webhooks start.'],
  admins: [
    list,
    'ARN patterns of callers who may act for every user, comma-separated. `*` matches any text without a slash.',
  ],
  oidcIssuer: [
    word,
    'Issuer of the tokens that people sign in with, as in its discovery document. It must sign with RSA. It adds `/me`.',
  ],
  oidcClientId: [word, 'Public client that the identity provider knows the page and the command by.'],
  oidcAudience: [word, 'Audience that the tokens must be for. Without it `oidcClientId`.'],
  oidcScopes: [
    list,
    'Scopes of which a token must have one, comma-separated. Without them ID tokens of `oidcClientId` are accepted.',
  ],
  oidcRedirectUri: [
    word,
    'Where the command waits for the sign-in. Without it `http://127.0.0.1/callback`, at any port.',
  ],
  oidcUserClaim: [word, 'Claim that names the user. `email` counts only beside `email_verified`.'],
  oidcDomains: [list, 'Domains of the addresses that may be user names, comma-separated. A subdomain is another one.'],
  oidcAdmins: [list, 'Who may act for every user: addresses, and groups as `group:<name>`, comma-separated.'],
  oidcGroups: [list, 'Groups whose members alone may use the deployment, admins too, comma-separated.'],
  oidcGroupsClaim: [word, 'Claim that lists the groups of a person.'],
  oidcRoles: [
    list,
    'IAM roles whose sessions may bear the address of a person in `oidcDomains`, comma-separated. `*` matches any text.',
  ],
  ciIssuer: [word, 'Issuer of the tokens of CI workloads, such as `https://gitlab.com`. It adds `/ci`.'],
  ciAudience: [word, 'Audience that a workload asks its CI service for. It must be used for nothing else.'],
  ciRepositories: [
    list,
    'Repositories whose workloads may use the deployment, such as `example/*`. `*` matches any text without a slash.',
  ],
  poolSize: [
    number,
    'Bastions that wait for their owners, so that a start takes two seconds. They count in `maxSessions`.',
  ],
  poolHours: [word, 'Hours in which they wait, such as `Mon-Thu 08:00-18:00, Fri 08:00-15:00 Europe/Berlin`.'],
  poolMaxAge: [duration, 'Time after which another bastion replaces one that waits, from `15m` to `12h`.'],
  logRetention: [number, 'Days that every log group keeps its lines.'],
  deleteLogs: [flag, '`true` deletes the logs of who was let in with the stack. By default they stay.'],
  rateLimit: [number, 'Requests per second that each route allows in the long run.'],
  burstLimit: [number, 'Requests that each route allows at once.'],
  reserveConcurrency: [
    flag,
    '`true` reserves Lambda executions for the functions that end sessions. It needs a quota of 111 or more.',
  ],
  page: [flag, '`true` adds the page for people at `/web` to a deployment without an identity provider.'],
  dashboard: [
    flag,
    '`true` adds a CloudWatch dashboard of sessions, starts, pool, failures and costs. Beyond three it costs $3 a month.',
  ],
  alarmEmail: [word, 'E-mail address that every alarm notifies, once the link in AWS’s first mail has been followed.'],
  alarmTopicArn: [word, 'SNS topic that every alarm notifies, in place of `alarmEmail`.'],
  eventEmail: [
    word,
    'E-mail address that is told when sessions start, are about to end, and have ended ([events.md](events.md)).',
  ],
  eventTopicArn: [word, 'SNS topic that is told the same, in place of `eventEmail`.'],
} satisfies { readonly [Prop in PropName]?: readonly [form: Form, description: string] };

/** A setting is called as its prop, but for the unit, which the prop has in its type. */
const nameOf = (prop: string): string => (prop === 'logRetention' ? 'logRetentionDays' : prop);

const table = Object.entries<readonly [form: Form, description: string]>(rows).map(([prop, [form, description]]) => ({
  prop,
  name: nameOf(prop),
  form,
  description,
  default: textOf(defaults[prop]),
}));

/** Default of each setting as a deployer would type it (empty when there is none), and its description in one line. */
export const settings: Readonly<Record<string, { readonly default: string; readonly description: string }>> =
  Object.fromEntries(table.map(({ name, description, default: text }) => [name, { default: text, description }]));

/**
 * Reads and checks all settings.
 * @param context every value of the app's context, CDK's own among them. Empty text counts as absent.
 * @returns the props with every default
 * @throws InvalidProps that lists every bad setting as "setting X: got Y, expected Z", one per line.
 */
export function readSettings(context: Readonly<Record<string, unknown>>): ResolvedProps {
  const typed = new Map(Object.entries(context).filter(([, value]) => value !== null && value !== ''));
  const values = table.map(({ prop, name, form }) => [prop, form.read(typed.get(name))] as const);
  const hint = (prop: string) => table.find((setting) => setting.prop === prop)?.form.hint ?? '';
  const checked = checkProps(Object.fromEntries(values), { noun: 'setting', hint });
  const unknownNames = Object.keys(context).filter(isUnknown);
  if ('props' in checked && unknownNames.length === 0) return checked.props;

  const problems = 'props' in checked ? [] : checked.problems;
  const wrongValues = problems.map(({ name: prop, expected }) => {
    const name = nameOf(prop);
    return `setting ${name}: got ${shown(typed.get(name) ?? defaults[prop])}, expected ${expected}`;
  });
  throw new InvalidProps([...unknownNames.map(unknownName), ...wrongValues]);
}

/** CDK's own context has one of these signs in each key, but for the list that `cdk acknowledge` writes. */
const isUnknown = (key: string): boolean =>
  !Object.hasOwn(settings, key) && !/[:/@]/.test(key) && key !== 'acknowledged-issue-numbers';

const unknownName = (key: string): string =>
  `setting ${key}: got an unknown name, the nearest is ${nearest(key, Object.keys(settings))} (docs/settings.md lists all)`;
