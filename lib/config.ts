/**
 * Every setting of a deployment. Each comes from CDK context (`-c name=value`, or `context` in cdk.json), has a default,
 * and is checked before anything is built.
 */
import { Duration } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as v from 'valibot';

const text = (pattern: RegExp, expected: string) => v.pipe(v.string(expected), v.trim(), v.regex(pattern, expected));

const wholeNumber = (min: number, max: number) => {
  const expected = `a whole number from ${min} to ${max}`;
  return v.pipe(text(/^\d{1,9}$/, expected), v.transform(Number), v.minValue(min, expected), v.maxValue(max, expected));
};

const list = (item: RegExp, expected: string) =>
  v.pipe(
    v.string(expected),
    v.transform((value) => value.split(',').map((part) => part.trim())),
    v.everyItem((part) => item.test(part), expected),
  );

const secondsPerUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 24 * 3600 };

const duration = v.pipe(
  text(/^[1-9]\d{0,5}[smhd]$/, 'a number of seconds, minutes, hours or days, such as 90m, 8h or 7d'),
  v.transform((value) => Duration.seconds(Number.parseInt(value, 10) * (secondsPerUnit[value.slice(-1)] ?? 1))),
);

const portsExpected = 'a port such as 22, or a range such as 20000-20999, within 1 to 65535';
const ports = v.pipe(
  text(/^\d{1,5}(-\d{1,5})?$/, portsExpected),
  v.check((value) => {
    const [first = 0, last = first] = value.split('-').map(Number);
    return first >= 1 && first <= last && last <= 65_535;
  }, portsExpected),
);

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
const retentionDays = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE,
);
const retentionExpected = `one of ${retentionDays.join(', ')}`;

const imageExpected =
  'an image reference without spaces, such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com/bastion:1';
const image = text(/^[a-z0-9][\w.:/@-]*$/, imageExpected);

const schema = v.object({
  stackName: v.pipe(
    v.optional(
      text(/^[A-Za-z][A-Za-z0-9-]{0,127}$/, 'at most 128 letters, digits and hyphens, starting with a letter'),
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
  cpu: v.pipe(v.optional(wholeNumber(256, 16_384), '256'), v.description('CPU units of a bastion; 1024 are one vCPU.')),
  memoryMiB: v.pipe(
    v.optional(wholeNumber(512, 122_880), '512'),
    v.description('Memory of a bastion in MiB; Fargate offers certain sizes per `cpu`.'),
  ),
  defaultTtl: v.pipe(v.optional(duration, '1h'), v.description('How long a bastion lives when its user does not say.')),
  maxTtl: v.pipe(v.optional(duration, '8h'), v.description('Longest `ttl` a user may ask for at once.')),
  maxLifetime: v.pipe(
    v.optional(duration, '24h'),
    v.description('No bastion lives longer than this, however often it is extended.'),
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
  logRetentionDays: v.pipe(
    v.optional(
      v.pipe(v.string(retentionExpected), v.transform(Number), v.picklist(retentionDays, retentionExpected)),
      '90',
    ),
    v.description('How long every log group keeps its lines.'),
  ),
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
 * @param context gives the raw value of a setting: text, a number, or undefined. Empty text counts as not set.
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
  const { defaultTtl, maxTtl, maxLifetime, cpu, memoryMiB } = config;
  const sizes = fargateMemoryMiB(cpu);
  const rules: readonly (readonly [holds: boolean, name: string, expected: string])[] = [
    [defaultTtl.toSeconds() <= maxTtl.toSeconds(), 'defaultTtl', 'at most the setting maxTtl'],
    [maxTtl.toSeconds() <= maxLifetime.toSeconds(), 'maxTtl', 'at most the setting maxLifetime'],
    [sizes.length > 0, 'cpu', 'a Fargate size: 256, 512, 1024, 2048, 4096, 8192 or 16384'],
    [sizes.length === 0 || sizes.includes(memoryMiB), 'memoryMiB', `for cpu ${cpu} one of ${sizes.join(', ')}`],
    [config.subnetIds === undefined || config.vpcId !== undefined, 'subnetIds', 'the setting vpcId beside it'],
    [
      config.sshBaseImage === undefined || config.sshImage === undefined,
      'sshBaseImage',
      'nothing, because the setting sshImage names an image that is already built',
    ],
  ];
  return rules.filter(([holds]) => !holds).map(([, name, expected]) => [name, expected]);
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size */
function fargateMemoryMiB(cpu: number): readonly number[] {
  const range = (fromGiB: number, toGiB: number, stepGiB: number) =>
    Array.from({ length: (toGiB - fromGiB) / stepGiB + 1 }, (_, step) => (fromGiB + step * stepGiB) * 1024);
  const sizes: Readonly<Record<number, readonly number[]>> = {
    256: [512, 1024, 2048],
    512: range(1, 4, 1),
    1024: range(2, 8, 1),
    2048: range(4, 16, 1),
    4096: range(8, 30, 1),
    8192: range(16, 60, 4),
    16384: range(32, 120, 8),
  };
  return sizes[cpu] ?? [];
}
