/** The handoff items of a deployment, as a person with all permissions sees them. */
import { DeleteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { handoff } from '../../contracts/agent.ts';
import { env } from '../../contracts/stack.ts';
import type { Call } from '../../emulator/wire.ts';
import type { Deployment } from './deployment.ts';

const itemSchema = v.object({
  [handoff.key]: v.string(),
  [handoff.ttl]: v.number(),
  [handoff.values]: v.record(v.string(), v.string()),
});
export type HandoffItem = v.InferOutput<typeof itemSchema>;

export const handoffTableOf = ({ stack }: Pick<Deployment, 'stack'>): string =>
  stack.functions.find(({ title }) => title === 'Start')?.environment[env.handoffTable] ?? '';

/** Whether this call writes a handoff item. */
export const putsHandoff = ({ action, input }: Call): boolean =>
  action === 'PutItem' && /Handoff/.test(String(Object(input).TableName));

export async function handoffItems({ clock, dynamodb, stack }: Deployment): Promise<readonly HandoffItem[]> {
  const { Items = [] } = await clock.run(dynamodb.send(new ScanCommand({ TableName: handoffTableOf({ stack }) })));
  return Items.map((item) => v.parse(itemSchema, unmarshall(item)));
}

/** Deletes an item as a stranger does, or DynamoDB itself after `purgeAt`. The clock must be running. */
export async function deleteHandoff({ dynamodb, stack }: Deployment, { pk }: Pick<HandoffItem, 'pk'>): Promise<void> {
  const command = new DeleteItemCommand({ TableName: handoffTableOf({ stack }), Key: { [handoff.key]: { S: pk } } });
  await dynamodb.send(command);
}
