/** One write of one item, parsed and checked. An operation carries it out, or a transaction with others. */
import * as v from 'valibot';
import { invalid } from './errors.ts';
import { parseExpressions } from './expressions/expressions.ts';
import { matches } from './expressions/matches.ts';
import { type Action, updated } from './expressions/update.ts';
import { attributesOf, checkKey } from './keys.ts';
import { attributes, placeholders, resourceName } from './request.ts';
import { checkItemSize, type Table } from './table.ts';
import { emptyItem, type Item } from './values.ts';

export interface Write {
  readonly table: Table;
  /** The item's key, perhaps with other attributes. */
  readonly key: Item;
  /** Says whether the condition holds now. */
  holds(): boolean;
  /** Writes. Returns the item before and after. */
  carryOut(): { readonly before: Item | undefined; readonly after: Item | undefined };
}

const conditional = { TableName: resourceName, ConditionExpression: v.optional(v.string()), ...placeholders };

export const putEntries = { ...conditional, Item: attributes };
export const deleteEntries = { ...conditional, Key: attributes };
export const updateEntries = { ...conditional, Key: attributes, UpdateExpression: v.optional(v.string()) };
export const checkEntries = { ...conditional, Key: attributes, ConditionExpression: v.string() };

type Input<Entries extends v.ObjectEntries> = v.InferOutput<v.StrictObjectSchema<Entries, undefined>>;

/** Makes writes of the items in an account's tables. Each throws an AwsError for a request that no table could carry out. */
export function writes(tableOf: (name: string) => Table) {
  function write(
    table: Table,
    key: Item,
    { condition }: Pick<ReturnType<typeof parseExpressions>, 'condition'>,
    change: (before: Item | undefined) => Item | undefined,
  ): Write {
    return {
      table,
      key,
      holds: () => condition === undefined || matches(condition, table.get(key) ?? emptyItem),
      carryOut() {
        const before = table.get(key);
        const after = change(before);
        if (after === undefined) table.delete(key);
        else if (after !== before) table.put(after);
        return { before, after };
      },
    };
  }

  const onKey = (name: string, key: Item): Table => {
    const table = tableOf(name);
    checkKey(table.schema, key);
    return table;
  };

  return {
    put({ TableName, Item: item, ...texts }: Input<typeof putEntries>): Write {
      checkItemSize(item, 'Item size has exceeded the maximum allowed size');
      const expressions = parseExpressions(texts, ['ConditionExpression']);
      const table = tableOf(TableName);
      table.check(item);
      return write(table, item, expressions, () => item);
    },

    delete({ TableName, Key, ...texts }: Input<typeof deleteEntries>): Write {
      const expressions = parseExpressions(texts, ['ConditionExpression']);
      return write(onKey(TableName, Key), Key, expressions, () => undefined);
    },

    update({ TableName, Key, ...texts }: Input<typeof updateEntries>): Write & { readonly actions: readonly Action[] } {
      const expressions = parseExpressions(texts, ['UpdateExpression', 'ConditionExpression']);
      const { update: actions = [] } = expressions;
      const table = onKey(TableName, Key);
      checkActions(table, actions);
      const change = (before: Item | undefined) => {
        const after = updated(before ?? Key, actions);
        checkItemSize(after, 'Item size to update has exceeded the maximum allowed size');
        return after;
      };
      return { ...write(table, Key, expressions, change), actions };
    },

    check({ TableName, Key, ...texts }: Input<typeof checkEntries>): Write {
      const expressions = parseExpressions(texts, ['ConditionExpression']);
      return write(onKey(TableName, Key), Key, expressions, (before) => before);
    },
  };
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
