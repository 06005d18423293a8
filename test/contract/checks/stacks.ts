import { type Account, newName } from '../account.ts';
import type { Check, Operation } from '../check.ts';
import { askQuery } from '../plain-request.ts';

interface StackParameters {
  readonly StackName?: string;
  readonly LogicalResourceId?: string;
  readonly PhysicalResourceId?: string;
}

const resourcesOf = (account: Account, input: StackParameters) =>
  askQuery(account, 'cloudformation', 'DescribeStackResources', { ...input });

/** Returns the content of every element of this name. */
const elements = (body: string, name: string): string[] =>
  [...body.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, content = '']) => content);

const refused = (input: (stack: string) => StackParameters): Check => ({
  aws: { status: 400, code: ['ValidationError'] },
  async observe(account) {
    const { status, body } = await resourcesOf(account, input(await account.stack()));
    return { status, code: elements(body, 'Code') };
  },
});

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html */
export const describeStackResources: Operation = {
  name: 'CloudFormation DescribeStackResources',
  checks: {
    'shows the resources of a stack with their types and states': {
      aws: { ids: ['First', 'Second'], types: ['AWS::SQS::Queue'], states: ['CREATE_COMPLETE'], namesStack: true },
      async observe(account) {
        const StackName = await account.stack();
        const { body } = await resourcesOf(account, { StackName });
        return {
          ids: elements(body, 'LogicalResourceId').toSorted(),
          types: [...new Set(elements(body, 'ResourceType'))],
          states: [...new Set(elements(body, 'ResourceStatus'))],
          namesStack: elements(body, 'StackName').every((name) => name === StackName),
        };
      },
    },
    'shows one resource by its logical id': {
      aws: ['Second'],
      async observe(account) {
        const request = { StackName: await account.stack(), LogicalResourceId: 'Second' };
        return elements((await resourcesOf(account, request)).body, 'LogicalResourceId');
      },
    },
    'shows all resources of the stack that has a physical id': {
      aws: ['First', 'Second'],
      async observe(account) {
        const { body } = await resourcesOf(account, { StackName: await account.stack() });
        const [PhysicalResourceId = ''] = elements(body, 'PhysicalResourceId');
        const answer = await resourcesOf(account, { PhysicalResourceId });
        return elements(answer.body, 'LogicalResourceId').toSorted();
      },
    },
    'an unknown stack is refused': refused(() => ({ StackName: newName('none') })),
    'a stack beside a physical id is refused': refused((StackName) => ({ StackName, PhysicalResourceId: 'x' })),
    'neither a stack nor a physical id is refused': refused(() => ({})),
  },
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html */
export const listStackResources: Operation = {
  name: 'CloudFormation ListStackResources',
  checks: {
    'lists the resources of a stack with their types and states': {
      aws: { ids: ['First', 'Second'], types: ['AWS::SQS::Queue'], states: ['CREATE_COMPLETE'] },
      async observe(account) {
        const StackName = await account.stack();
        const { body } = await askQuery(account, 'cloudformation', 'ListStackResources', { StackName });
        return {
          ids: elements(body, 'LogicalResourceId').toSorted(),
          types: [...new Set(elements(body, 'ResourceType'))],
          states: [...new Set(elements(body, 'ResourceStatus'))],
        };
      },
    },
    'an unknown stack is refused': {
      aws: { status: 400, code: ['ValidationError'] },
      async observe(account) {
        const StackName = newName('none');
        const { status, body } = await askQuery(account, 'cloudformation', 'ListStackResources', { StackName });
        return { status, code: elements(body, 'Code') };
      },
    },
  },
};
