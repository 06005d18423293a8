import * as v from 'valibot';
import type { Operations } from '../operation.ts';
import { conditionFailed } from './errors.ts';
import { parseExpressions } from './expressions/expressions.ts';
import { projected } from './expressions/projection.ts';
import { type Action, changedAttributes } from './expressions/update.ts';
import { checkKey } from './keys.ts';
import { attributes, names, resourceName, tableOperation } from './request.ts';
import type { Table } from './table.ts';
import { emptyItem, type Item } from './values.ts';
import { deleteEntries, putEntries, updateEntries, type Write, writes } from './writes.ts';

const oldOrNothing = v.optional(v.picklist(['NONE', 'ALL_OLD'], 'ReturnValues can only be ALL_OLD or NONE'), 'NONE');

const returnValues = ['ALL_NEW', 'UPDATED_OLD', 'ALL_OLD', 'NONE', 'UPDATED_NEW'] as const;
type ReturnValues = (typeof returnValues)[number];

/** A read or a write of one item. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB.html */
export function itemOperations(tableOf: (name: string) => Table): Operations {
  const write = writes(tableOf);
  return {
    GetItem: tableOperation(
      {
        TableName: resourceName,
        Key: attributes,
        ConsistentRead: v.optional(v.boolean()),
        ProjectionExpression: v.optional(v.string()),
        ...names,
      },
      ({ TableName, Key, ...texts }) => {
        const { projection } = parseExpressions(texts, []);
        const table = tableOf(TableName);
        checkKey(table.schema, Key);
        const item = table.get(Key);
        return item && { Item: projected(item, projection) };
      },
    ),

    PutItem: tableOperation({ ...putEntries, ReturnValues: oldOrNothing }, ({ ReturnValues, ...request }) => {
      return returned(ReturnValues, carriedOut(write.put(request)));
    }),

    DeleteItem: tableOperation({ ...deleteEntries, ReturnValues: oldOrNothing }, ({ ReturnValues, ...request }) => {
      return returned(ReturnValues, carriedOut(write.delete(request)));
    }),

    UpdateItem: tableOperation(
      {
        ...updateEntries,
        ReturnValues: v.optional(
          v.picklist(returnValues, `ReturnValues can only be ${returnValues.join(', ')}`),
          'NONE',
        ),
      },
      ({ ReturnValues, ...request }) => {
        const update = write.update(request);
        return returned(ReturnValues, carriedOut(update), update.actions);
      },
    ),
  };
}

/** Throws an AwsError if the condition of the write does not hold. */
function carriedOut(write: Write): Effect {
  if (!write.holds()) throw conditionFailed();
  return write.carryOut();
}

interface Effect {
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

function returned(
  returnValues: ReturnValues,
  { before, after = emptyItem }: Effect,
  actions: readonly Action[] = [],
): { readonly Attributes?: Item } {
  switch (returnValues) {
    case 'NONE':
      return {};
    case 'ALL_OLD':
      return before === undefined ? {} : { Attributes: before };
    case 'UPDATED_OLD':
      return before === undefined ? {} : { Attributes: changedAttributes(before, actions) };
    case 'ALL_NEW':
      return { Attributes: after };
    case 'UPDATED_NEW':
      return { Attributes: changedAttributes(after, actions) };
  }
}
