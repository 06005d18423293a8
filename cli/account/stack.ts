/** The outputs of a stack of CloudFormation. */
import * as v from 'valibot';
import { CliError, exitCodes, usageError } from '../terminal/errors.ts';
import type { Account } from './account.ts';
import { AccountError } from './errors.ts';
import { list } from './xml.ts';

const answer = v.object({
  Stacks: list(
    'member',
    v.object({
      StackStatus: v.string(),
      Outputs: list('member', v.object({ OutputKey: v.string(), OutputValue: v.string() })),
    }),
  ),
});

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html */
const stackName = /^([a-zA-Z][-a-zA-Z0-9]{0,127}|arn:[-a-zA-Z0-9:/._+]{1,2000})$/;

/** The API of a deployment by the name of its stack. */
export async function apiUrlOf(account: Account, stack: string): Promise<string> {
  if (!stackName.test(stack)) throw usageError(`--stack: got "${stack}", expected a stack's name such as Bastions.`);
  const [found] = await stacksNamed(account, stack);
  if (found === undefined) {
    throw new CliError(
      `No stack is called ${stack} in ${account.region}, expected one that was deployed there. Check --region and the profile.`,
      exitCodes.failed,
    );
  }
  const { Outputs: outputs, StackStatus: status } = found;
  const url = outputs.find(({ OutputKey }) => OutputKey === 'ApiUrl')?.OutputValue;
  if (url !== undefined) return url;
  const keys = outputs.map(({ OutputKey }) => OutputKey).join(', ') || 'no outputs';
  throw new CliError(
    `The stack ${stack} (${status}) has ${keys}, expected the output ApiUrl. Name the API itself with --url.`,
    exitCodes.failed,
  );
}

async function stacksNamed(account: Account, StackName: string): Promise<v.InferOutput<typeof answer>['Stacks']> {
  try {
    return (await account.query('cloudformation', 'DescribeStacks', { StackName }, answer)).Stacks;
  } catch (error) {
    if (error instanceof AccountError && error.code === 'ValidationError' && /does not exist/.test(error.message))
      return [];
    throw error;
  }
}
