/** The emulated table behind the functions' backs: no interceptor sees these calls, and they take no time. */
import { root } from '../emulator/iam/principal.ts';
import type { Deployment } from '../test/support/deployment.ts';

/** Carries out an operation of DynamoDB at once. */
export function callTable({ aws }: Pick<Deployment, 'aws'>, action: string, input: unknown): unknown {
  const operation = aws.dynamodb.operations[action];
  if (operation === undefined) throw new Error(`The emulated DynamoDB has no operation ${action}.`);
  return operation.run(input, { service: 'dynamodb', action, caller: root(aws.accountId) });
}
