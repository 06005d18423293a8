/**
 * Every setting of a deployment. Each comes from CDK context (`-c name=value`, or `context` in cdk.json), has a default,
 * and is checked before anything is built.
 */
import * as v from 'valibot';
import { agentImages, agentKinds } from '../agents/agent-kinds.ts';
import {
  duration,
  fargateMemoryMiB,
  flag,
  image,
  list,
  ports,
  retention,
  someOf,
  text,
  wholeNumber,
} from './setting-types.ts';

const url = text(/^https:\/\/[^\s"'\\]+$/, 'an https URL');

const schema = v.object({
  stackName: v.pipe(
    v.optional(
      // Lambda allows 64 characters for the sweeper's name, which is this with eight more.
      text(/^[A-Za-z][A-Za-z0-9-]{0,55}$/, 'at most 56 letters, digits and hyphens, starting with a letter'),
      'Bastions',
    ),
    v.description('Name of the stack; two stacks in one account do not touch each other.'),
  ),
  vpcId: v.pipe(
    v.optional(text(/^vpc-[0-9a-f]{8,17}$/, 'a VPC id such as vpc-0123456789abcdef0')),
    v.description('VPC to run bastions in; without it the stack makes a small one of its own.'),
  ),
  subnetIds: v.pipe(
    v.optional(list(/^subnet-[0-9a-f]{8,17}$/, 'subnet ids such as subnet-0123456789abcdef0, separated by commas')),
    v.description(
      'Public subnets of `vpcId`, comma-separated; without them they are looked up, which needs credentials.',
    ),
  ),
  agents: v.pipe(
    v.optional(someOf(agentKinds), 'ssh,ssm'),
    v.description('Kinds of agents to build, `ssh` among them; any other kind brings the webhooks with it.'),
  ),
  sshImage: v.pipe(
    v.optional(image),
    v.description('Ready arm64 image of the ssh agent, so that no Docker is needed; without it the image is built.'),
  ),
  sshBaseImage: v.pipe(
    v.optional(image),
    v.description('Base image (with digest, if you like) that the ssh agent is built on, instead of the Dockerfile’s.'),
  ),
  sshPort: v.pipe(
    v.optional(ports, '22'),
    v.description('Port of a bastion, or a range out of which each session gets one.'),
  ),
  sshLogin: v.pipe(
    v.optional(text(/^[a-z_][a-z0-9_-]{0,31}$/, 'a Linux user name'), 'bastion'),
    v.description('Login of the ssh image, and the user its containers run as.'),
  ),
  ssmImage: v.pipe(
    v.optional(image),
    v.description('Ready arm64 image of the ssm agent; without it the image is built.'),
  ),
  ssmPackageUrl: v.pipe(
    v.optional(url),
    v.description('The ssm agent’s arm64 .deb package, as an https URL, to build its image with instead of AWS’s own.'),
  ),
  bzeroSsmImage: v.pipe(
    v.optional(image),
    v.description('Ready x86_64 image of the bzero-ssm agent; without it the image is built.'),
  ),
  bzeroSsmPackageSource: v.pipe(
    v.optional(url),
    v.description('The bzero-ssm agent’s .deb package, as an https URL; its image can’t be built without.'),
  ),
  bzeroImage: v.pipe(
    v.optional(image),
    v.description('Ready x86_64 image of the bzero agent; without it the image is built.'),
  ),
  bzeroPackageSource: v.pipe(
    v.optional(url),
    v.description('The bzero agent’s .deb package, as an https URL; its image can’t be built without.'),
  ),
  cpu: v.pipe(v.optional(wholeNumber(256, 16_384), '256'), v.description('CPU units of a task; 1024 are one vCPU.')),
  memoryMiB: v.pipe(
    v.optional(wholeNumber(512, 122_880), '512'),
    v.description('Memory of a task in MiB; Fargate offers certain sizes per `cpu`.'),
  ),
  defaultTtl: v.pipe(v.optional(duration, '1h'), v.description('How long a bastion lives when its user does not say.')),
  maxTtl: v.pipe(v.optional(duration, '8h'), v.description('Longest `ttl` a user may ask for at once.')),
  maxLifetime: v.pipe(
    v.optional(duration, '24h'),
    v.description('No bastion lives longer than this, however often it is extended.'),
  ),
  webhookTtl: v.pipe(
    v.optional(duration, '7d'),
    v.description('How long a target that a webhook started lives when no webhook ever stops it.'),
  ),
  webhookHmac: v.pipe(
    v.optional(flag, 'false'),
    v.description('`true` lets webhooks authenticate by HMAC signatures too, as BastionZero’s first protocol did.'),
  ),
  maxSessions: v.pipe(
    v.optional(wholeNumber(1, 500), '20'),
    v.description('Live sessions at once; a fresh account’s Fargate quota allows 24 of the smallest size.'),
  ),
  admins: v.pipe(
    v.optional(
      list(
        /^arn:[\w*-]+:(iam|sts):[^\s,]*$/,
        'ARN patterns of IAM callers, such as arn:aws:sts::123456789012:assumed-role/Admin/*, separated by commas',
      ),
    ),
    v.description('ARN patterns (`*` matches anything), comma-separated, of the callers who may act for everybody.'),
  ),
  logRetentionDays: v.pipe(v.optional(retention, '90'), v.description('How long every log group keeps its lines.')),
  rateLimit: v.pipe(
    v.optional(wholeNumber(1, 10_000), '10'),
    v.description('Requests per second that each route lets through in the long run.'),
  ),
  burstLimit: v.pipe(
    v.optional(wholeNumber(1, 5_000), '20'),
    v.description('Requests that each route lets through at once.'),
  ),
  alarmTopicArn: v.pipe(
    v.optional(text(/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+$/, 'the ARN of an SNS topic')),
    v.description('SNS topic that hears of every alarm.'),
  ),
});

export type Config = v.InferOutput<typeof schema>;

/** For the documentation: each setting's default as one would type it ('' when there is none), and what it means. */
export const settings: Readonly<Record<string, { readonly default: string; readonly description: string }>> =
  Object.fromEntries(
    Object.entries(schema.entries).map(([name, entry]) => [
      name,
      { default: v.getDefault(entry) ?? '', description: v.getDescription(entry) ?? '' },
    ]),
  );

/**
 * Reads and checks all settings.
 * @param context gives the raw value of a setting: text, a number, a boolean, or undefined. Empty text counts as not set.
 * @throws Error that lists every bad setting as "setting X: got Y, expected Z", one per line.
 */
export function readConfig(context: (name: string) => unknown): Config {
  const raw = Object.fromEntries(
    Object.keys(schema.entries)
      .map((name) => [name, context(name)] as const)
      .filter(([, value]) => value !== undefined && value !== null && value !== '')
      .map(([name, value]) => [name, typeof value === 'number' ? String(value) : value]),
  );
  const parsed = v.safeParse(schema, raw, { abortPipeEarly: true });
  const wrong = parsed.success
    ? contradictions(parsed.output)
    : parsed.issues.map((issue) => [v.getDotPath(issue)?.split('.')[0] ?? '', issue.message] as const);
  if (!parsed.success || wrong.length > 0) {
    const got = (name: string) => JSON.stringify(raw[name] ?? settings[name]?.default ?? '');
    throw new Error(
      wrong.map(([name, expected]) => `setting ${name}: got ${got(name)}, expected ${expected}`).join('\n'),
    );
  }
  return parsed.output;
}

function contradictions(config: Config): readonly (readonly [name: string, expected: string])[] {
  const { agents, defaultTtl, maxTtl, maxLifetime, cpu, memoryMiB } = config;
  const sizes = fargateMemoryMiB(cpu);
  const rules: readonly (readonly [holds: boolean, name: string, expected: string])[] = [
    [agents.includes('ssh'), 'agents', 'ssh among them'],
    [defaultTtl.toSeconds() <= maxTtl.toSeconds(), 'defaultTtl', 'at most the setting maxTtl'],
    [maxTtl.toSeconds() <= maxLifetime.toSeconds(), 'maxTtl', 'at most the setting maxLifetime'],
    [sizes.length > 0, 'cpu', 'a Fargate size: 256, 512, 1024, 2048, 4096, 8192 or 16384'],
    [sizes.length === 0 || sizes.includes(memoryMiB), 'memoryMiB', `for cpu ${cpu} one of ${sizes.join(', ')}`],
    [config.subnetIds === undefined || config.vpcId !== undefined, 'subnetIds', 'the setting vpcId beside it'],
    ...agentKinds.flatMap((kind) => {
      const { image, source } = agentImages[kind];
      const isNamed = agents.includes(kind);
      const isBuilt = config[image] === undefined;
      return [
        [isNamed || isBuilt, image, `${kind} in the setting agents`],
        [isNamed || config[source] === undefined, source, `${kind} in the setting agents`],
        [
          isBuilt || config[source] === undefined,
          source,
          `nothing, because the setting ${image} names an image that is already built`,
        ],
      ] as const;
    }),
  ];
  return rules.filter(([holds]) => !holds).map(([, name, expected]) => [name, expected]);
}
