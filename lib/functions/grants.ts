import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { FunctionsProps } from './functions-props.ts';

/** Permission to change everything that a session owns to the state that its row names. */
export function grantConverge(fn: lambda.Function, props: FunctionsProps): void {
  grantRemove(fn, props);
  props.network.grantObserve(fn);
  props.network.grantChangeRules(fn);
}

/** Permission to remove everything that an ended session owns, but for the handoff items of one side or the other. */
export function grantRemove(fn: lambda.Function, { table, agents, network }: FunctionsProps): void {
  table.grantConverge(fn);
  agents.grantConverge(fn);
  network.grantRemove(fn);
}
