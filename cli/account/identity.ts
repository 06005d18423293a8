/** The caller as AWS names it. */
import * as v from 'valibot';
import type { Account } from './account.ts';

const answer = v.object({ Arn: v.string() });

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html. It needs no permission. */
export const arnOfCaller = async (account: Account): Promise<string> =>
  (await account.query('sts', 'GetCallerIdentity', {}, answer)).Arn;
