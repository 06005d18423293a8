import type { Clock } from './clock.ts';
import { TokenBucket } from './token-bucket.ts';
import { AwsError, type Call } from './wire.ts';

interface Limit {
  readonly burst: number;
  readonly perSecond: number;
}

/** The pools that actions of ECS share. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html */
const ecsModify: Limit = { burst: 100, perSecond: 40 };
const ecsRead: Limit = { burst: 100, perSecond: 20 };
/** Fargate's own limit. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/throttling.html */
const fargateRunTask: Limit = { burst: 20, perSecond: 20 };

const ecsPools: Readonly<Record<string, Readonly<Record<string, Limit>>>> = {
  RunTask: { 'ecs modify': ecsModify, 'fargate RunTask': fargateRunTask },
  StopTask: { 'ecs modify': ecsModify },
  DescribeTasks: { 'ecs read': ecsRead },
  ListTasks: { 'ecs read': ecsRead },
  ListClusters: { 'ecs read': ecsRead },
  DescribeClusters: { 'ecs read': ecsRead },
};

/** The buckets of EC2, one per action. https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html */
const ec2Mutating: Limit = { burst: 50, perSecond: 5 };
const ec2Tagging: Limit = { burst: 100, perSecond: 10 };
const ec2Describe: Limit = { burst: 100, perSecond: 20 };
const ec2DescribeUnfiltered: Limit = { burst: 50, perSecond: 10 };

function poolsOf({ service, action, input }: Call): Readonly<Record<string, Limit>> {
  if (service === 'ecs') return ecsPools[action] ?? {};
  if (service !== 'ec2') return {};
  if (action.startsWith('Describe')) {
    const unfiltered = typeof input !== 'object' || input === null || Object.keys(input).length === 0;
    return unfiltered ? { [`${action} unfiltered`]: ec2DescribeUnfiltered } : { [action]: ec2Describe };
  }
  return { [action]: action.endsWith('Tags') ? ec2Tagging : ec2Mutating };
}

/** Makes the account's request limits. The returned function throws an AwsError for a call above them. */
export function throttle(clock: Clock): (call: Call) => void {
  const buckets = new Map<string, TokenBucket>();
  return (call) => {
    const now = clock.now();
    const pools = Object.entries(poolsOf(call)).map(([name, { burst, perSecond }]) => {
      const bucket = buckets.get(name) ?? new TokenBucket(burst, perSecond);
      buckets.set(name, bucket);
      return bucket;
    });
    if (!pools.every((bucket) => bucket.has(now))) throw rateExceeded(call);
    for (const bucket of pools) bucket.take(now);
  };
}

function rateExceeded({ service, action }: Call): AwsError {
  return service === 'ec2'
    ? new AwsError('RequestLimitExceeded', `Request limit exceeded for ${action}.`, 503)
    : new AwsError('ThrottlingException', 'Rate exceeded');
}
