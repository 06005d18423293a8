import * as v from 'valibot';
import { arn, type Context } from '../context.ts';
import type { Ec2 } from '../ec2/ec2.ts';
import type { Role } from '../iam/iam.ts';
import { onlyEmulated } from '../operation.ts';
import { hex, uuid } from '../random.ts';
import { AwsError } from '../wire.ts';
import type { Cluster, Definitions, RegisteredTaskDefinition } from './definitions.ts';
import type { EcsNeighbours } from './neighbours.ts';
import type { Task, TaskContainer } from './task.ts';
import { metadataEnvironment } from './task-metadata.ts';

const containerOverride = v.object({
  name: v.string(),
  command: v.optional(v.array(v.string())),
  environment: v.optional(v.array(v.object({ name: v.string(), value: v.string() })), []),
});

const tag = v.object({
  key: v.pipe(
    v.string(),
    v.regex(/^[\p{L}\p{N} +\-=._:/@]{1,128}$/u),
    v.check((key) => !key.toLowerCase().startsWith('aws:'), "Tag keys must not start with 'aws:'"),
  ),
  value: v.optional(v.pipe(v.string(), v.regex(/^[\p{L}\p{N} +\-=._:/@]{0,256}$/u)), ''),
});

const networkConfiguration = v.object({
  awsvpcConfiguration: v.object({
    subnets: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(16)),
    securityGroups: v.optional(v.pipe(v.array(v.string()), v.maxLength(5)), []),
    assignPublicIp: v.optional(v.picklist(['ENABLED', 'DISABLED']), 'DISABLED'),
  }),
});

/** The request of RunTask. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html */
export const runTaskInput = v.object({
  cluster: v.optional(v.string()),
  taskDefinition: v.string(),
  count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10)), 1),
  clientToken: v.optional(v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,64}$/))),
  startedBy: v.optional(v.pipe(v.string(), v.regex(/^[a-zA-Z0-9\-/_]{1,128}$/))),
  group: v.optional(v.string()),
  launchType: v.optional(onlyEmulated(['FARGATE'])),
  capacityProviderStrategy: v.optional(
    v.pipe(
      v.array(v.object({ capacityProvider: onlyEmulated(['FARGATE', 'FARGATE_SPOT']) })),
      v.maxLength(1, 'The emulated AWS takes one capacity provider alone'),
    ),
  ),
  enableExecuteCommand: v.optional(v.boolean(), false),
  propagateTags: v.optional(v.picklist(['TASK_DEFINITION', 'NONE'])),
  networkConfiguration: v.optional(networkConfiguration),
  overrides: v.optional(
    v.pipe(
      v.object({ containerOverrides: v.optional(v.array(containerOverride), []) }),
      v.check(
        (overrides) => JSON.stringify(overrides).length <= 8192,
        'Overrides are at most 8192 characters in total',
      ),
    ),
    {},
  ),
  tags: v.optional(v.pipe(v.array(tag), v.maxLength(50)), []),
});

export type RunTaskInput = v.InferOutput<typeof runTaskInput>;

/** Makes the tasks of one RunTask call, without starting them. Throws an AwsError when ECS refuses the call. */
export function newTasks(
  context: Context,
  neighbours: EcsNeighbours,
  definitions: Definitions,
  input: RunTaskInput,
): Task[] {
  const cluster = definitions.cluster(input.cluster);
  const definition = definitions.findTaskDefinition(input.taskDefinition);
  if (definition === undefined) throw new AwsError('ClientException', 'TaskDefinition not found.');
  if (input.launchType !== undefined && input.capacityProviderStrategy !== undefined) {
    throw invalid(
      'Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.',
    );
  }
  if (input.enableExecuteCommand && definition.taskRoleArn === undefined) {
    throw invalid("The service couldn't be created because a valid taskRoleArn is not being used.");
  }
  const names = new Set(definition.containerDefinitions.map(({ name }) => name));
  const unknownOverride = input.overrides.containerOverrides?.find(({ name }) => !names.has(name));
  if (unknownOverride !== undefined) {
    throw invalid(`Override for container named ${unknownOverride.name} is not a container in the TaskDefinition.`);
  }
  const place = placeOf(neighbours.ec2, input);
  const role = definition.taskRoleArn === undefined ? undefined : neighbours.iam.taskRole(definition.taskRoleArn);
  return Array.from({ length: input.count }, () =>
    newTask(context, neighbours, { cluster, definition, role, place, input }),
  );
}

type Place = ReturnType<typeof placeOf>;

function placeOf(ec2: Ec2, { networkConfiguration }: RunTaskInput) {
  if (networkConfiguration === undefined) {
    throw invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  }
  const { subnets, securityGroups, assignPublicIp } = networkConfiguration.awsvpcConfiguration;
  const foundSubnets = subnets.map((id) => lookUp('subnet', id, () => ec2.network.subnet(id)));
  const [subnet] = foundSubnets;
  if (subnet === undefined) throw invalid('subnets can not be empty.');
  const groups = securityGroups.map((id) => lookUp('security group', id, () => ec2.groups.get(id)));
  if ([...foundSubnets, ...groups].some(({ vpcId }) => vpcId !== subnet.vpcId)) {
    throw invalid('Security Group and Subnet belong to different networks.');
  }
  const groupIds = securityGroups.length > 0 ? securityGroups : [ec2.groups.default(subnet.vpcId)?.id ?? ''];
  return { subnets: foundSubnets, groupIds, assignPublicIp: assignPublicIp === 'ENABLED' };
}

/** Finds a resource of EC2. Throws ECS's refusal, which quotes EC2's, if EC2 does not know it. */
function lookUp<Found>(kind: string, id: string, find: () => Found): Found {
  try {
    return find();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw invalid(`Error retrieving ${kind} information for [${id}]: ${error.message} (ErrorCode: ${error.code})`);
  }
}

interface Launch {
  readonly cluster: Cluster;
  readonly definition: RegisteredTaskDefinition;
  readonly role: Role | undefined;
  readonly place: Place;
  readonly input: RunTaskInput;
}

function newTask(context: Context, { ec2, credentials }: EcsNeighbours, launch: Launch): Task {
  const { cluster, definition, role, place, input } = launch;
  const id = hex(context.random, 32);
  const credentialsEnvironment = role === undefined ? {} : credentials.issue(id, role);
  const attachmentId = uuid(context.random);
  const subnet = place.subnets[Math.floor(context.random() * place.subnets.length)];
  if (subnet === undefined) throw invalid('subnets can not be empty.');
  return {
    id,
    arn: arn(context, 'ecs', `task/${cluster.name}/${id}`),
    cluster,
    definition,
    group: input.group ?? `family:${definition.family}`,
    startedBy: input.startedBy,
    overrides: input.overrides,
    launchType: input.launchType ?? 'FARGATE',
    capacityProviderName: input.capacityProviderStrategy?.[0]?.capacityProvider,
    enableExecuteCommand: input.enableExecuteCommand,
    attachmentId,
    networkInterface: ec2.interfaces.create({
      subnet,
      groupIds: place.groupIds,
      description: arn(context, 'ecs', `attachment/${attachmentId}`),
    }),
    assignPublicIp: place.assignPublicIp,
    containers: definition.containerDefinitions.map((container): TaskContainer => {
      const override = input.overrides.containerOverrides?.find(({ name }) => name === container.name);
      const environment = [...(container.environment ?? []), ...(override?.environment ?? [])];
      const runtimeId = `${id}-${String(Math.floor(context.random() * 1e10)).padStart(10, '0')}`;
      return {
        definition: container,
        runtimeId,
        arn: arn(context, 'ecs', `container/${cluster.name}/${id}/${uuid(context.random)}`),
        environment: {
          AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
          AWS_REGION: context.region,
          AWS_DEFAULT_REGION: context.region,
          ...metadataEnvironment(context.endpoint(), runtimeId),
          ...credentialsEnvironment,
          ...Object.fromEntries(environment.map(({ name, value }) => [name, value])),
        },
        command: override?.command ?? container.command,
        lastStatus: 'PENDING',
      };
    }),
    createdAt: context.clock.now(),
    moments: {},
    tags: input.tags,
    attachmentStatus: 'PRECREATED',
    lastStatus: 'PROVISIONING',
    desiredStatus: 'RUNNING',
    version: 0,
  };
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}
