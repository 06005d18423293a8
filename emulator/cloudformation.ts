import * as v from 'valibot';
import { arn, type Context } from './context.ts';
import { type Operations, operationMaker, page } from './operation.ts';
import { uuid } from './random.ts';
import { AwsError } from './wire.ts';

/** An output of a stack. */
export interface StackOutput {
  readonly key: string;
  readonly value: string;
  readonly description?: string;
}

/** A resource of a stack. */
export interface StackResource {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
}

/** A stack as CloudFormation shows it. */
export interface CloudFormationStack {
  readonly name: string;
  readonly outputs: readonly StackOutput[];
  /** Default: none. */
  readonly resources?: readonly StackResource[];
  /** Default `CREATE_COMPLETE`. */
  readonly status?: string;
}

/** The CloudFormation of an account, which shows stacks and deploys none. */
export interface CloudFormation {
  readonly operations: Operations;
  /** Makes a stack exist, or replaces it. */
  putStack(stack: CloudFormationStack): void;
}

interface KnownStack extends CloudFormationStack {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** The name of a stack or its id. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html */
const stackName = v.pipe(v.string(), v.regex(/^([a-zA-Z][-a-zA-Z0-9]{0,127}|arn:[-a-zA-Z0-9:/._+]+)$/));
const describeStacks = v.object({ StackName: v.optional(stackName), NextToken: v.optional(v.string()) });
const listResources = v.object({ StackName: stackName, NextToken: v.optional(v.string()) });
const describeResources = v.object({
  StackName: v.optional(stackName),
  PhysicalResourceId: v.optional(v.string()),
  LogicalResourceId: v.optional(v.string()),
});

/** Stacks or resources on one page. AWS limits a page of stacks by its size. */
const pageSize = 100;

/** The most resources in an answer: "only the first 100 resources will be returned". */
const maxResources = 100;

/** Makes a CloudFormation without stacks. */
export function createCloudFormation(context: Context): CloudFormation {
  const stacks = new Map<string, KnownStack>();
  const operation = operationMaker('ValidationError');

  const invalidToken = () => new AwsError('ValidationError', 'Invalid NextToken');

  const operations: Operations = {
    DescribeStacks: operation(describeStacks, ({ StackName, NextToken: token }) => {
      const found = StackName === undefined ? [...stacks.values()] : [find(StackName)];
      const { items, nextToken } = page(found, ({ name }) => name, { limit: pageSize, token, invalidToken });
      return { Stacks: items.map(described), NextToken: nextToken };
    }),

    /** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html */
    DescribeStackResources: operation(describeResources, ({ StackName, PhysicalResourceId, LogicalResourceId }) => {
      if ((StackName === undefined) === (PhysicalResourceId === undefined)) {
        throw new AwsError('ValidationError', 'Specify either StackName or PhysicalResourceId');
      }
      const stack = StackName === undefined ? stackOf(PhysicalResourceId) : find(StackName);
      const found = (stack.resources ?? []).filter(
        ({ logicalId }) => LogicalResourceId === undefined || logicalId === LogicalResourceId,
      );
      return { StackResources: found.slice(0, maxResources).map((resource) => describedResource(stack, resource)) };
    }),

    /** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html */
    ListStackResources: operation(listResources, ({ StackName, NextToken: token }) => {
      const stack = find(StackName);
      const resources = stack.resources ?? [];
      const { items, nextToken } = page(resources, ({ logicalId }) => logicalId, {
        limit: pageSize,
        token,
        invalidToken,
      });
      return { StackResourceSummaries: items.map((resource) => listed(stack, resource)), NextToken: nextToken };
    }),
  };

  function find(nameOrId: string): KnownStack {
    const stack = [...stacks.values()].find(({ name, id }) => nameOrId === name || nameOrId === id);
    if (stack !== undefined) return stack;
    throw new AwsError('ValidationError', `Stack with id ${nameOrId} does not exist`);
  }

  function stackOf(physicalId: string | undefined): KnownStack {
    const stack = [...stacks.values()].find(({ resources }) => resources?.some((one) => one.physicalId === physicalId));
    if (stack !== undefined) return stack;
    throw new AwsError('ValidationError', `Stack for ${physicalId} does not exist`);
  }

  return {
    operations,
    putStack(stack) {
      const id =
        stacks.get(stack.name)?.id ?? arn(context, 'cloudformation', `stack/${stack.name}/${uuid(context.random)}`);
      stacks.set(stack.name, { ...stack, id, createdAt: context.clock.now() });
    },
  };
}

const described = ({ id, name, outputs, status = 'CREATE_COMPLETE', createdAt }: KnownStack) => ({
  StackId: id,
  StackName: name,
  CreationTime: new Date(createdAt).toISOString(),
  StackStatus: status,
  DisableRollback: false,
  Outputs: outputs.map(({ key, value, description }) => ({
    OutputKey: key,
    OutputValue: value,
    Description: description,
  })),
});

const describedResource = (stack: KnownStack, resource: StackResource) => ({
  StackName: stack.name,
  StackId: stack.id,
  Timestamp: new Date(stack.createdAt).toISOString(),
  ...shown(resource),
});

const listed = ({ createdAt }: KnownStack, resource: StackResource) => ({
  LastUpdatedTimestamp: new Date(createdAt).toISOString(),
  ...shown(resource),
});

const shown = ({ logicalId, physicalId, type }: StackResource) => ({
  LogicalResourceId: logicalId,
  PhysicalResourceId: physicalId,
  ResourceType: type,
  ResourceStatus: 'CREATE_COMPLETE',
});
