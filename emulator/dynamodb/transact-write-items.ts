import * as v from 'valibot';
import type { Context } from '../context.ts';
import type { Operation } from '../operation.ts';
import { AwsError } from '../wire.ts';
import { invalid } from './errors.ts';
import { keyOf } from './keys.ts';
import { tableOperation } from './request.ts';
import type { Table } from './table.ts';
import { checkEntries, deleteEntries, putEntries, updateEntries, type Write, writes } from './writes.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const maxItems = 100;
const tokenKeptMs = 10 * 60_000;

const transactItem = v.object({
  Put: v.optional(v.object(putEntries)),
  Delete: v.optional(v.object(deleteEntries)),
  Update: v.optional(v.object(updateEntries)),
  ConditionCheck: v.optional(v.object(checkEntries)),
});

/** Makes TransactWriteItems: all writes, or none if one condition does not hold. A token repeats nothing for ten minutes. */
export function transactWriteItems({ clock }: Context, tableOf: (name: string) => Table): Operation {
  const write = writes(tableOf);
  const tokens = new Map<string, { readonly at: number; readonly request: string }>();

  const writeOf = ({ Put, Delete, Update, ConditionCheck }: v.InferOutput<typeof transactItem>): Write => {
    const [one, ...more] = [
      Put && write.put(Put),
      Delete && write.delete(Delete),
      Update && write.update(Update),
      ConditionCheck && write.check(ConditionCheck),
    ].filter((found) => found !== undefined);
    if (one !== undefined && more.length === 0) return one;
    throw invalid('TransactItems can only contain one of Check, Put, Update or Delete in one item');
  };

  return tableOperation(
    {
      TransactItems: v.pipe(
        v.array(transactItem),
        v.minLength(1, 'Member must have length greater than or equal to 1'),
        v.maxLength(maxItems, `Member must have length less than or equal to ${maxItems}`),
      ),
      ClientRequestToken: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(36))),
    },
    ({ TransactItems, ClientRequestToken: token }) => {
      const request = JSON.stringify(TransactItems);
      const known = token === undefined ? undefined : tokens.get(token);
      if (known !== undefined && clock.now() < known.at + tokenKeptMs) {
        if (known.request === request) return {};
        throw mismatch();
      }
      const all = TransactItems.map(writeOf);
      const keys = all.map(({ table, key }) => ({ table, key: keyOf(table.schema, key) }));
      if (keys.some((one, n) => keys.slice(0, n).some((other) => other.table === one.table && other.key === one.key)))
        throw invalid('Transaction request cannot include multiple operations on one item');
      const held = all.map((one) => one.holds());
      if (held.includes(false)) throw cancelled(held);
      for (const one of all) one.carryOut();
      if (token !== undefined) tokens.set(token, { at: clock.now(), request });
      return {};
    },
  );
}

function cancelled(held: readonly boolean[]): AwsError {
  const reasons = held.map((holds) =>
    holds ? { Code: 'None' } : { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' },
  );
  return new AwsError(
    'com.amazonaws.dynamodb.v20120810#TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(', ')}]`,
    400,
    { CancellationReasons: reasons },
  );
}

const mismatch = () =>
  new AwsError(
    'com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException',
    'The provided client token is already in use by another request with different parameters',
  );
