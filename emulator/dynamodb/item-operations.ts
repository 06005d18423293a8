import * as v from 'valibot';
import type { Operations } from '../operation.ts';
import { conditionFailed, invalid } from './errors.ts';
import type { Condition } from './expressions/condition.ts';
import { parseExpressions } from './expressions/expressions.ts';
import { matches } from './expressions/matches.ts';
import { projected } from './expressions/projection.ts';
import { type Action, changedAttributes, updated } from './expressions/update.ts';
import { attributesOf, checkKey } from './keys.ts';
import { attributes, names, placeholders, resourceName, tableOperation } from './request.ts';
import { checkItemSize, type Table } from './table.ts';
import { emptyItem, type Item } from './values.ts';

const oldOrNothing = v.optional(v.picklist(['NONE', 'ALL_OLD'], 'ReturnValues can only be ALL_OLD or NONE'), 'NONE');

const returnValues = ['ALL_NEW', 'UPDATED_OLD', 'ALL_OLD', 'NONE', 'UPDATED_NEW'] as const;
type ReturnValues = (typeof returnValues)[number];

/** A read or a write of one item. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB.html */
export function itemOperations(tableOf: (name: string) => Table): Operations {
  return {
    GetItem: tableOperation(
      'GetItem',
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

    PutItem: tableOperation(
      'PutItem',
      {
        TableName: resourceName,
        Item: attributes,
        ConditionExpression: v.optional(v.string()),
        ReturnValues: oldOrNothing,
        ...placeholders,
      },
      ({ TableName, Item: item, ReturnValues, ...texts }) => {
        checkItemSize(item, 'Item size has exceeded the maximum allowed size');
        const { condition } = parseExpressions(texts, ['ConditionExpression']);
        const table = tableOf(TableName);
        table.check(item);
        const before = table.get(item);
        checkCondition(condition, before);
        table.put(item);
        return returned(ReturnValues, before);
      },
    ),

    DeleteItem: tableOperation(
      'DeleteItem',
      {
        TableName: resourceName,
        Key: attributes,
        ConditionExpression: v.optional(v.string()),
        ReturnValues: oldOrNothing,
        ...placeholders,
      },
      ({ TableName, Key, ReturnValues, ...texts }) => {
        const { condition } = parseExpressions(texts, ['ConditionExpression']);
        const table = tableOf(TableName);
        checkKey(table.schema, Key);
        const before = table.get(Key);
        checkCondition(condition, before);
        table.delete(Key);
        return returned(ReturnValues, before);
      },
    ),

    UpdateItem: tableOperation(
      'UpdateItem',
      {
        TableName: resourceName,
        Key: attributes,
        UpdateExpression: v.optional(v.string()),
        ConditionExpression: v.optional(v.string()),
        ReturnValues: v.optional(
          v.picklist(returnValues, `ReturnValues can only be ${returnValues.join(', ')}`),
          'NONE',
        ),
        ...placeholders,
      },
      ({ TableName, Key, ReturnValues, ...texts }) => {
        const { condition, update = [] } = parseExpressions(texts, ['UpdateExpression', 'ConditionExpression']);
        const table = tableOf(TableName);
        checkKey(table.schema, Key);
        checkActions(table, update);
        const before = table.get(Key);
        checkCondition(condition, before);
        const after = updated(before ?? Key, update);
        checkItemSize(after, 'Item size to update has exceeded the maximum allowed size');
        table.put(after);
        return returned(ReturnValues, before, after, update);
      },
    ),
  };
}

function checkCondition(condition: Condition | undefined, item: Item = emptyItem): void {
  if (condition !== undefined && !matches(condition, item)) throw conditionFailed();
}

/** Throws an AwsError if an action changes the key of the item, or gives the key of an index a wrong type. */
function checkActions(table: Table, actions: readonly Action[]): void {
  const changedNames = actions.map(({ attribute }) => attribute);
  const changedKey = attributesOf(table.schema).find(({ name }) => changedNames.includes(name));
  if (changedKey !== undefined) {
    throw invalid(
      'One or more parameter values were invalid: ' +
        `Cannot update attribute ${changedKey.name}. This attribute is part of the key`,
    );
  }
  const values = actions.flatMap((action) => ('value' in action ? [[action.attribute, action.value] as const] : []));
  table.checkIndexKeys(Object.fromEntries(values));
}

function returned(
  returnValues: ReturnValues,
  before: Item | undefined,
  after: Item = emptyItem,
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
