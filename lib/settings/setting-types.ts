/** What a setting can be. Each takes the text that a deployer types, and says in its errors what it expects. */
import { Duration } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as v from 'valibot';

export const text = (pattern: RegExp, expected: string) =>
  v.pipe(v.string(expected), v.trim(), v.regex(pattern, expected));

export const wholeNumber = (min: number, max: number) => {
  const expected = `a whole number from ${min} to ${max}`;
  return v.pipe(text(/^\d{1,9}$/, expected), v.transform(Number), v.minValue(min, expected), v.maxValue(max, expected));
};

export const list = (item: RegExp, expected: string) =>
  v.pipe(
    v.string(expected),
    v.transform((value) => value.split(',').map((part) => part.trim())),
    v.everyItem((part) => item.test(part), expected),
  );

/** Some of `known`, comma-separated, each at most once. */
export const someOf = <const Name extends string>(known: readonly Name[]) => {
  const expected = `some of ${known.join(', ')}, each once, separated by commas`;
  return v.pipe(
    v.string(expected),
    v.transform((value) => value.split(',').map((part) => part.trim())),
    v.array(v.picklist(known, expected)),
    v.check((names) => new Set(names).size === names.length, expected),
  );
};

/** `-c name=true` gives text, `context` in cdk.json a boolean. */
export const flag = v.pipe(
  v.union([v.boolean(), v.picklist(['true', 'false'])], 'true or false'),
  v.transform((value) => String(value) === 'true'),
);

const secondsPerUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 24 * 3600 };
const durationExpected = 'a number of seconds, minutes, hours or days, such as 90m, 8h or 7d, and at most a year';
export const duration = v.pipe(
  text(/^[1-9]\d{0,7}[smhd]$/, durationExpected),
  v.transform((value) => Number.parseInt(value, 10) * (secondsPerUnit[value.slice(-1)] ?? 1)),
  v.maxValue(365 * 24 * 3600, durationExpected),
  v.transform((seconds) => Duration.seconds(seconds)),
);

const portsExpected = 'a port such as 22, or a range such as 20000-20999, within 1 to 65535';
export const ports = v.pipe(
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
export const retention = v.pipe(
  v.string(retentionExpected),
  v.transform(Number),
  v.picklist(retentionDays, retentionExpected),
);

export const image = text(
  /^[a-z0-9][\w.:/@-]*$/,
  'an image reference without spaces, such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com/bastion:1',
);

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size */
export function fargateMemoryMiB(cpu: number): readonly number[] {
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
