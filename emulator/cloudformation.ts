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

/** A stack as CloudFormation shows it. It has no resources here. */
export interface CloudFormationStack {
  readonly name: string;
  readonly outputs: readonly StackOutput[];
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
const describeStacks = v.strictObject({
  StackName: v.optional(v.pipe(v.string(), v.regex(/^([a-zA-Z][-a-zA-Z0-9]{0,127}|arn:[-a-zA-Z0-9:/._+]+)$/))),
  NextToken: v.optional(v.string()),
});

/** Stacks on one page. AWS limits a page by its size. */
const pageSize = 100;

/** Makes a CloudFormation without stacks. */
export function createCloudFormation(context: Context): CloudFormation {
  const stacks = new Map<string, KnownStack>();
  const operation = operationMaker('ValidationError');

  const operations: Operations = {
    DescribeStacks: operation(describeStacks, ({ StackName, NextToken: token }) => {
      const all = [...stacks.values()];
      const found = all.filter(({ name, id }) => StackName === undefined || StackName === name || StackName === id);
      if (StackName !== undefined && found.length === 0) {
        throw new AwsError('ValidationError', `Stack with id ${StackName} does not exist`);
      }
      const invalidToken = () => new AwsError('ValidationError', 'Invalid NextToken');
      const { items, nextToken } = page(found, ({ name }) => name, { limit: pageSize, token, invalidToken });
      return { Stacks: items.map(described), NextToken: nextToken };
    }),
  };

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
