/** Calls the deployed sweeper, which looks for tasks and security groups that no session explains. */
import * as v from 'valibot';
import {
  type SweepOutcome,
  type SweepReport,
  type SweepRequest,
  sweeperName,
  sweepReport,
} from '../../contracts/account.ts';
import { CliError, exitCodes, usageError } from '../terminal/errors.ts';
import type { Account } from './account.ts';
import { AccountError } from './errors.ts';

const words = {
  noted: ['noted; removed if it is still an orphan in ten minutes', 'would be noted, and removed ten minutes later'],
  unconfirmed: ['noted less than ten minutes ago', 'noted less than ten minutes ago'],
  removable: ['left to the next sweep', 'would be removed'],
  removed: ['removed', 'removed'],
  throttled: ['EC2 has no time for it; tried again by the next sweep', 'not removed yet'],
  'in-use': ['still in use; tried again by the next sweep', 'still in use'],
  absent: ['gone already', 'gone already'],
  kept: ['spared: its tag bastion:keep protects it', 'spared: its tag bastion:keep protects it'],
  'not-ours': [
    'left alone: it has a name like ours, but not our tag',
    'left alone: it has a name like ours, but not our tag',
  ],
  explained: ['spared: its session lives after all', 'spared: its session lives after all'],
} as const satisfies Record<SweepOutcome, readonly [done: string, inDryRun: string]>;

/** The function may take a minute. */
const patienceMs = 70_000;

const failure = v.pipe(v.string(), v.parseJson(), v.object({ errorMessage: v.string() }));
const reportText = v.pipe(v.string(), v.parseJson(), sweepReport);

/** It is sent once: a second try would sweep a second time. */
export async function sweep(account: Account, stack: string, dryRun: boolean): Promise<SweepReport> {
  if (!/^[a-zA-Z][-a-zA-Z0-9]{0,55}$/.test(stack)) {
    throw usageError(`--stack: got "${stack}", expected a stack's name such as Bastions.`);
  }
  const request: SweepRequest = { dryRun };
  const { headers, text } = await account.invoke(sweeperName(stack), request, patienceMs).catch((error: unknown) => {
    throw error instanceof AccountError && error.code === 'ResourceNotFoundException'
      ? unknownStack(stack, account.region)
      : error;
  });
  if (headers['x-amz-function-error'] === undefined) return v.parse(reportText, text);
  const failed = v.safeParse(failure, text);
  const reason = failed.success ? failed.output.errorMessage : 'without a reason';
  throw new CliError(`The function ${sweeperName(stack)} failed: ${reason}`, exitCodes.failed);
}

const unknownStack = (stack: string, region: string) =>
  new CliError(
    `There is no function ${sweeperName(stack)} in ${region}, expected that of a deployed stack. Check --region, and name the stack with --stack.`,
    exitCodes.failed,
  );

/** A line for each finding. */
export function sweepText({ orphans }: SweepReport, isDryRun: boolean): string {
  if (orphans.length === 0) return 'Every task and security group has its session.';
  return orphans
    .map(({ resource, session, outcome }) => {
      const whose =
        resource.sessionId === undefined ? 'names no session' : `session ${resource.sessionId} is ${session}`;
      return `${resource.kind} ${resource.id}: ${whose}; ${words[outcome][isDryRun ? 1 : 0]}`;
    })
    .join('\n');
}
