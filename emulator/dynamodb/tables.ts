import { createRequire } from 'node:module';
import dynaliteDb from 'dynalite/db/index.js';
import validations from 'dynalite/validations/index.js';
import * as v from 'valibot';
import { AwsError } from '../wire.ts';

/** Every operation that dynalite has. Transactions and PartiQL are not among them. */
export const tableOperations = [
  'BatchGetItem',
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DeleteTable',
  'DescribeTable',
  'DescribeTimeToLive',
  'GetItem',
  'ListTables',
  'ListTagsOfResource',
  'PutItem',
  'Query',
  'Scan',
  'TagResource',
  'UntagResource',
  'UpdateItem',
  'UpdateTable',
] as const;

export type TableOperation = (typeof tableOperations)[number];

/** Performs one operation on the tables. Rejects with an AwsError when DynamoDB refuses the request. */
type Perform = (input: object) => Promise<unknown>;

/**
 * Makes new tables in memory, and returns a function from an operation's name to what performs it. It calls the parts of
 * dynalite behind its HTTP server, which would cost as much again.
 */
export function createTables(): (operation: TableOperation) => Perform {
  const store = dynaliteDb.create({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  return (operation) => {
    const { types, custom, run } = partsOf(operation);

    async function perform(input: object): Promise<unknown> {
      // dynalite changes the request that it is given, and goes on to change the description of a table that it returns.
      const request = validations.checkTypes(structuredClone(input), types);
      validations.checkValidations(request, types, custom, store);
      const output = await new Promise((resolve, reject) => {
        run(store, request, (error: unknown, answer: unknown) => (error ? reject(error) : resolve(answer)));
      });
      return structuredClone(output);
    }

    return (input) =>
      perform(input).catch((error: unknown) => {
        throw refusalIn(error) ?? error;
      });
  };
}

const load = createRequire(import.meta.url);
const validation = v.object({ types: v.looseObject({}), custom: v.optional(v.function()) });

function partsOf(operation: TableOperation) {
  const file = `${operation.charAt(0).toLowerCase()}${operation.slice(1)}.js`;
  return {
    ...v.parse(validation, load(`dynalite/validations/${file}`)),
    run: v.parse(v.function(), load(`dynalite/actions/${file}`)),
  };
}

const refusal = v.object({
  statusCode: v.number(),
  body: v.looseObject({ __type: v.string(), message: v.optional(v.string()), Message: v.optional(v.string()) }),
});

/** Returns the refusal that dynalite has thrown, or undefined if the error is another. */
function refusalIn(error: unknown): AwsError | undefined {
  const parsed = v.safeParse(refusal, error);
  if (!parsed.success) return undefined;
  const { __type, message, Message, ...members } = parsed.output.body;
  return new AwsError(__type, message ?? Message ?? '', parsed.output.statusCode, members);
}
