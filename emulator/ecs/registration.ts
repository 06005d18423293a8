import * as v from 'valibot';
import { onlyEmulated } from '../operation.ts';
import { AwsError } from '../wire.ts';
import { dependencyConditions } from './definitions.ts';

const texts = v.array(v.string());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const containerDefinition = v.object({
  name: v.pipe(v.string(), v.regex(/^[a-zA-Z0-9_-]{1,255}$/)),
  image: v.string(),
  essential: v.exactOptional(v.boolean()),
  entryPoint: v.exactOptional(texts),
  command: v.exactOptional(texts),
  environment: v.exactOptional(v.array(v.object({ name: v.string(), value: v.string() }))),
  dependsOn: v.exactOptional(
    v.array(v.object({ containerName: v.string(), condition: onlyEmulated(dependencyConditions) })),
  ),
  stopTimeout: v.exactOptional(v.pipe(count, v.maxValue(120))),
  user: v.exactOptional(v.string()),
  readonlyRootFilesystem: v.exactOptional(v.boolean()),
  linuxParameters: v.exactOptional(
    v.object({
      capabilities: v.exactOptional(v.object({ add: v.exactOptional(texts), drop: v.exactOptional(texts) })),
      initProcessEnabled: v.exactOptional(v.boolean()),
    }),
  ),
  ulimits: v.exactOptional(v.array(v.object({ name: v.string(), softLimit: count, hardLimit: count }))),
  systemControls: v.exactOptional(v.array(v.object({ namespace: v.string(), value: v.string() }))),
});

/** The size of a task: processor units or MiB. AWS also takes `0.5 vCPU` and `1 GB`. */
const size = v.exactOptional(v.pipe(v.string(), v.regex(/^\d+$/, 'The emulated AWS takes whole numbers alone')));

/** The request of RegisterTaskDefinition. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html */
export const registration = v.object({
  family: v.pipe(v.string(), v.regex(/^[a-zA-Z0-9_-]{1,255}$/)),
  cpu: size,
  memory: size,
  networkMode: onlyEmulated(['awsvpc']),
  requiresCompatibilities: v.array(onlyEmulated(['FARGATE'])),
  taskRoleArn: v.exactOptional(v.string()),
  executionRoleArn: v.exactOptional(v.string()),
  containerDefinitions: v.array(containerDefinition),
});

/**
 * The memory in GB that Fargate has for each number of processor units: from, to, and the step between.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
 */
const fargateMemory: Readonly<Record<string, readonly [from: number, to: number, step: number]>> = {
  256: [1, 2, 1],
  512: [1, 4, 1],
  1024: [2, 8, 1],
  2048: [4, 16, 1],
  4096: [8, 30, 1],
  8192: [16, 60, 4],
  16384: [32, 120, 8],
};

function isFargateSize(cpu: string, memory: string): boolean {
  const gigabytes = Number(memory) / 1024;
  if (cpu === '256' && gigabytes === 0.5) return true;
  const [from, to, step] = fargateMemory[cpu] ?? [1, 0, 1];
  return gigabytes >= from && gigabytes <= to && gigabytes % step === 0;
}

/** Throws ClientException if Fargate can't run tasks of this definition. */
export function checkForFargate({ cpu, memory, containerDefinitions }: v.InferOutput<typeof registration>): void {
  if (cpu === undefined || memory === undefined) {
    const missing = cpu === undefined ? 'cpu' : 'memory';
    throw refused(`Fargate requires that '${missing}' be defined at the task level.`);
  }
  if (!isFargateSize(cpu, memory)) throw refused('No Fargate configuration exists for given values.');
  if (containerDefinitions.length === 0) throw refused('Container list cannot be empty.');
  const names = containerDefinitions.map(({ name }) => name);
  if (new Set(names).size < names.length) throw refused('Container.name must be unique.');
  if (containerDefinitions.every(({ essential }) => essential === false)) {
    throw refused('A task definition must have at least one essential container.');
  }
}

const refused = (message: string) => new AwsError('ClientException', message);
