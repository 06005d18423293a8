/** The handoff items of a deployment, as a person with all permissions sees them. */
import { DeleteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { handoff } from '../../contracts/agent.ts';
import { env } from '../../contracts/stack.ts';
import type { Call } from '../../emulator/wire.ts';
import type { Deployment } from './deployment.ts';
import { minuteMs } from './time.ts';
import { handoffTaskIdIn } from './written-items.ts';

const itemSchema = v.object({
  [handoff.key]: v.string(),
  [handoff.ttl]: v.number(),
  [handoff.values]: v.record(v.string(), v.string()),
});
export type HandoffItem = v.InferOutput<typeof itemSchema>;

export const handoffTableOf = ({ stack }: Pick<Deployment, 'stack'>): string =>
  stack.functions.find(({ title }) => title === 'Start')?.environment[env.handoffTable] ?? '';

/** Whether this call writes a handoff item and nothing else. */
export const putsHandoff = (call: Call): boolean => call.action === 'PutItem' && handoffTaskIdIn(call) !== undefined;

/** The clock must be running. */
export async function readHandoffs({ dynamodb, stack }: Deployment): Promise<readonly HandoffItem[]> {
  const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: handoffTableOf({ stack }) }));
  return Items.map((item) => v.parse(itemSchema, unmarshall(item)));
}

export const handoffItems = (bastions: Deployment) => bastions.clock.run(readHandoffs(bastions));

/** Deletes an item as a stranger does, or DynamoDB itself after `purgeAt`. The clock must be running. */
export async function deleteHandoff({ dynamodb, stack }: Deployment, { pk }: Pick<HandoffItem, 'pk'>): Promise<void> {
  const command = new DeleteItemCommand({ TableName: handoffTableOf({ stack }), Key: { [handoff.key]: { S: pk } } });
  await dynamodb.send(command);
}

/** The step of a start to which a call belongs, from RunTask to the row that runs. */
export const startStepOf = (call: Call): string | undefined => {
  const row = JSON.stringify(Object(call.input).Item) ?? '';
  if (['RunTask', 'AuthorizeSecurityGroupIngress'].includes(call.action)) return call.action;
  if (putsHandoff(call)) return 'the handoff';
  if (call.action !== 'PutItem' || !row.includes('"session#')) return undefined;
  if (/"state":\{"S":"running"\}/.test(row)) return /"readyAt"|"host"/.test(row) ? undefined : 'the row runs';
  return row.includes('"taskArn"') && /"state":\{"S":"starting"\}/.test(row) ? 'the row names the task' : undefined;
};

/** Lets every session end that has been told to. @returns all that remains of sessions, one line each */
export async function remnantsOf(bastions: Deployment): Promise<string[]> {
  await bastions.clock.advance(4 * minuteMs);
  const rows = (await bastions.rows()).filter(({ state }) => state !== 'stopped');
  return [
    ...(await bastions.leftovers()),
    ...(await handoffItems(bastions)).map(({ pk }) => `handoff ${pk}`),
    ...rows.map(({ sessionId, state }) => `session ${sessionId} is ${state}`),
  ];
}
