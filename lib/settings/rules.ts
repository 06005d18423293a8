/** The default and the rule of every prop, whether a program passes it or a deployer types it as a setting. */
import { Duration } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import * as v from 'valibot';
import { agentKinds } from '../../contracts/agent.ts';
import { poolHours } from '../../contracts/pool-hours.ts';
import type { BastionsProps } from '../bastions-props.ts';
import type { BastionsVpc } from '../network-props.ts';
import { listOf, reference, text } from './schemas.ts';
import { signInEntries } from './sign-in-rules.ts';

const wholeNumber = (min: number, max: number) => {
  const expected = `a whole number from ${min} to ${max}`;
  return v.pipe(v.number(expected), v.integer(expected), v.minValue(min, expected), v.maxValue(max, expected));
};

const isDuration = 'a number of seconds, minutes, hours or days up to a year';
const duration = v.pipe(
  v.custom<Duration>((value) => value instanceof Duration, isDuration),
  v.check((value) => Number.isInteger(value.toSeconds({ integral: false })), isDuration),
  v.check((value) => value.toSeconds() >= 1 && value.toDays({ integral: false }) <= 365, isDuration),
);

const durationBetween = (least: Duration, most: Duration, expected: string) =>
  v.pipe(
    duration,
    v.check((value) => value.toSeconds() >= least.toSeconds() && value.toSeconds() <= most.toSeconds(), expected),
  );

const isPort = 'a port or a range of ports, within 1 to 65535';
const portNumber = v.pipe(v.number(isPort), v.integer(isPort), v.minValue(1, isPort), v.maxValue(65_535, isPort));
const port = v.union(
  [
    portNumber,
    v.pipe(
      v.strictObject({ first: portNumber, last: portNumber }),
      v.check(({ first, last }) => first <= last, isPort),
    ),
  ],
  isPort,
);

const image = text(
  /^[a-z0-9][\w.:/@-]*$/,
  'an image reference without spaces, such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com/bastion:1',
);

const url = text(/^https:\/\/[^\s"'\\]+$/, 'an https URL');

// https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address
const email = reference(
  /^[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/,
  'an e-mail address such as ops@example.com',
);

const topicArn = reference(/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+$/, 'the ARN of an SNS topic');

const sha256 = text(/^[0-9a-f]{64}$/, 'a SHA-256 checksum: 64 digits from 0 to f, as sha256sum prints them');

const areAgents = `some of ${agentKinds.join(', ')}, each once`;
const agents = v.pipe(
  v.array(v.picklist(agentKinds, areAgents), areAgents),
  v.check((kinds) => new Set(kinds).size === kinds.length, areAgents),
);

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
const retentionDays = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE,
);

/** Also a VPC of another copy of aws-cdk-lib, so `instanceof` does not do. */
const isVpc = (value: unknown): boolean => Construct.isConstruct(value) && 'vpcId' in value && 'publicSubnets' in value;

/** The most subnets that RunTask takes. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html */
export const mostSubnets = 16;

export const rules = v.object({
  stackName: v.optional(
    // Lambda allows 64 characters for the sweeper's name, which is this name and eight more.
    reference(/^[A-Za-z][A-Za-z0-9-]{0,55}$/, 'at most 56 letters, digits and hyphens, starting with a letter'),
    'Bastions',
  ),
  vpc: v.exactOptional(v.custom<BastionsVpc>(isVpc, 'a VPC of aws-cdk-lib, such as new Vpc(…) or Vpc.fromLookup(…)')),
  vpcId: v.exactOptional(reference(/^vpc-[0-9a-f]{8,17}$/, 'a VPC id such as vpc-0123456789abcdef0')),
  subnetIds: v.exactOptional(
    v.pipe(
      listOf(/^subnet-[0-9a-f]{8,17}$/, 'subnet ids such as subnet-0123456789abcdef0'),
      v.minLength(1, 'subnet ids such as subnet-0123456789abcdef0'),
      v.maxLength(mostSubnets, `at most ${mostSubnets} subnets, as many as a Fargate task takes`),
    ),
  ),
  agents: v.optional(agents, ['ssh', 'ssm']),
  sshImage: v.exactOptional(image),
  sshBaseImage: v.exactOptional(image),
  sshPort: v.optional(port, 22),
  // Directories name people `john.doe` and `john@example.com` too. The login stands in shell lines, so that no other sign may.
  sshLogin: v.optional(
    text(
      /^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}$/,
      'a login of at most 64 letters, digits, _, ., @ and -, starting with a letter, a digit or _',
    ),
    'bastion',
  ),
  ssmImage: v.exactOptional(image),
  ssmPackageUrl: v.exactOptional(url),
  ssmPackageSha256: v.exactOptional(sha256),
  bzeroSsmImage: v.exactOptional(image),
  bzeroSsmPackageSource: v.exactOptional(url),
  bzeroSsmPackageSha256: v.exactOptional(sha256),
  bzeroImage: v.exactOptional(image),
  bzeroPackageSource: v.exactOptional(url),
  bzeroPackageSha256: v.exactOptional(sha256),
  imageUpdates: v.exactOptional(text(/^\d{4}-(0[1-9]|1[0-2])$/, 'a month such as 2026-11')),
  cpu: v.optional(wholeNumber(256, 16_384), 256),
  memoryMiB: v.optional(wholeNumber(512, 122_880), 512),
  defaultTtl: v.optional(duration, Duration.hours(1)),
  maxTtl: v.optional(duration, Duration.hours(8)),
  maxLifetime: v.optional(duration, Duration.hours(24)),
  idleEnd: v.exactOptional(durationBetween(Duration.minutes(5), Duration.days(365), 'at least five minutes')),
  webhookTtl: v.optional(duration, Duration.days(7)),
  webhookHmac: v.optional(v.boolean('true or false'), false),
  webhookPath: v.exactOptional(
    text(/^[A-Za-z0-9_-]{20,64}$/, '20 to 64 letters, digits, _ and -, such as openssl rand -hex 16 prints'),
  ),
  maxSessions: v.optional(wholeNumber(1, 500), 20),
  maxPerRole: v.exactOptional(wholeNumber(1, 500)),
  maxTargets: v.optional(wholeNumber(1, 500), 20),
  admins: v.optional(
    listOf(
      // The caller of a role chooses the session name. So a pattern must name something of the role itself.
      /^arn:[\w*-]+:(iam::[\d*]+:user\/[^\s]+|sts::[\d*]+:assumed-role\/(?=[^/]*[^/*])[^\s/]+\/[^\s/]+)$/,
      'ARN patterns of IAM users, or of role sessions with the role named, such as arn:aws:sts::123456789012:assumed-role/Admin/*',
    ),
    [],
  ),
  ...signInEntries,
  poolSize: v.optional(wholeNumber(0, 20), 0),
  poolHours: v.optional(
    v.pipe(
      poolHours,
      v.transform(({ text }) => text),
    ),
    'always',
  ),
  poolMaxAge: v.optional(
    durationBetween(Duration.minutes(15), Duration.hours(12), 'a duration from 15 minutes to 12 hours'),
    Duration.hours(4),
  ),
  logRetention: v.optional(v.picklist(retentionDays, `one of ${retentionDays.join(', ')}`), RetentionDays.THREE_MONTHS),
  deleteLogs: v.optional(v.boolean('true or false'), false),
  rateLimit: v.optional(wholeNumber(1, 10_000), 10),
  burstLimit: v.optional(wholeNumber(1, 5_000), 20),
  reserveConcurrency: v.optional(v.boolean('true or false'), false),
  page: v.optional(v.boolean('true or false'), false),
  dashboard: v.optional(v.boolean('true or false'), false),
  alarmEmail: v.exactOptional(email),
  alarmTopicArn: v.exactOptional(topicArn),
  eventEmail: v.exactOptional(email),
  eventTopicArn: v.exactOptional(topicArn),
});

type SettableProps = Omit<BastionsProps, 'bundles'>;

/** Fails to compile when a prop has no rule, or when its rule allows a value that its type excludes. */
rules.entries satisfies { [Name in keyof SettableProps]-?: v.GenericSchema<SettableProps[Name], unknown> };

export type PropName = keyof typeof rules.entries;

/** Every prop with its default, and the name of the stack. `bundles` alone is missing. */
export type ResolvedProps = Readonly<v.InferOutput<typeof rules>>;

/** Undefined for a prop without a default. */
export const defaults: Readonly<Record<string, unknown>> = v.getDefaults(rules);

/** A prop whose value breaks a rule. */
export interface Problem {
  readonly name: string;
  /** The rest of a sentence that begins with "expected". */
  readonly expected: string;
}
