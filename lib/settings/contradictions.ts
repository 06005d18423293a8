/** The rules between props: each prop is right, but together they contradict each other. */
import { agentKinds, webhookAgents } from '../../contracts/agent.ts';
import { agentImages } from '../agents/agent-kinds.ts';
import { defaults, type Problem, type ResolvedProps } from './rules.ts';
import { signInContradictions } from './sign-in-contradictions.ts';
import { textOf } from './text.ts';

/** @param noun names a prop in the sentences: `prop`, or `setting` where a deployer types it */
export function contradictions(props: ResolvedProps, noun: string): readonly Problem[] {
  const { agents, defaultTtl, maxTtl, maxLifetime, idleEnd, cpu, memoryMiB, poolSize } = props;
  const sizes = fargateMemoryMiB(cpu);
  const pairs: readonly (readonly [holds: boolean, name: string, expected: string])[] = [
    [agents.includes('ssh'), 'agents', 'ssh among them'],
    [defaultTtl.toSeconds() <= maxTtl.toSeconds(), 'defaultTtl', `at most the ${noun} maxTtl`],
    [maxTtl.toSeconds() <= maxLifetime.toSeconds(), 'maxTtl', `at most the ${noun} maxLifetime`],
    [
      idleEnd === undefined || idleEnd.toSeconds() < maxLifetime.toSeconds(),
      'idleEnd',
      `less than the ${noun} maxLifetime, which ends a bastion anyway`,
    ],
    [sizes.length > 0, 'cpu', 'a Fargate size: 256, 512, 1024, 2048, 4096, 8192 or 16384'],
    [sizes.length === 0 || sizes.includes(memoryMiB), 'memoryMiB', `for cpu ${cpu} one of ${sizes.join(', ')}`],
    [
      props.vpc === undefined || props.vpcId === undefined,
      'vpcId',
      `nothing, because the ${noun} vpc names a VPC already`,
    ],
    [
      props.subnetIds === undefined || props.vpc !== undefined || props.vpcId !== undefined,
      'subnetIds',
      `the ${noun} vpcId beside it`,
    ],
    [
      props.webhookPath === undefined || agents.some((kind) => kind !== 'ssh'),
      'webhookPath',
      `a kind that webhooks start in the ${noun} agents`,
    ],
    [
      poolSize < props.maxSessions,
      'poolSize',
      `less than the ${noun} maxSessions, so that a start has a place while no pooled bastion is ready`,
    ],
    ...(['poolHours', 'poolMaxAge'] as const).map(
      (name) =>
        [
          poolSize > 0 || textOf(props[name]) === textOf(defaults[name]),
          name,
          `the ${noun} poolSize beside it, from 1 on`,
        ] as const,
    ),
    [
      props.alarmEmail === undefined || props.alarmTopicArn === undefined,
      'alarmEmail',
      `nothing, because the ${noun} alarmTopicArn names a topic that is already there`,
    ],
    [
      props.eventEmail === undefined || props.eventTopicArn === undefined,
      'eventEmail',
      `nothing, because the ${noun} eventTopicArn names a topic that is already there`,
    ],
    ...signInContradictions(props, noun),
    ...agentKinds.flatMap((kind) => {
      const { image, source } = agentImages[kind];
      const isNamed = agents.includes(kind);
      const isBuilt = props[image] === undefined;
      const hasSource = props[source] !== undefined;
      return [
        [isNamed || isBuilt, image, `${kind} in the ${noun} agents`],
        [isNamed || !hasSource, source, `${kind} in the ${noun} agents`],
        [isBuilt || !hasSource, source, `nothing, because the ${noun} ${image} names an image that is already built`],
      ] as const;
    }),
    ...webhookAgents.map((kind) => {
      const { source, checksum } = agentImages[kind];
      const hasSource = props[source] !== undefined;
      return [hasSource || props[checksum] === undefined, checksum, `the ${noun} ${source} beside it`] as const;
    }),
  ];
  return pairs.filter(([holds]) => !holds).map(([, name, expected]) => ({ name, expected }));
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
