/** The items that a call writes, alone or in a transaction. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { handoff } from '../../contracts/agent.ts';
import type { Call } from '../../emulator/wire.ts';

const attributes = v.custom<Record<string, AttributeValue>>((value) => typeof value === 'object' && value !== null);
const put = v.object({ TableName: v.string(), Item: attributes });
const transaction = v.object({ TransactItems: v.array(v.object({ Put: v.optional(put) })) });

export type WrittenItem = v.InferOutput<typeof put>;

export function writtenItems({ action, input }: Pick<Call, 'action' | 'input'>): readonly WrittenItem[] {
  if (action === 'PutItem') return [v.parse(put, input)];
  if (action !== 'TransactWriteItems') return [];
  return v.parse(transaction, input).TransactItems.flatMap(({ Put }) => Put ?? []);
}

/** The id of the task for which this call writes a handoff item or a notice. */
export const handoffTaskIdIn = (call: Call): string | undefined =>
  writtenItems(call)
    .find(({ TableName }) => TableName.includes('Handoff'))
    ?.Item[handoff.key]?.S?.split(':')
    .at(-1);
