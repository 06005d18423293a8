import { Readable } from 'node:stream';
import dynalite from 'dynalite';
import * as v from 'valibot';
import type { Context } from './context.ts';
import type { Operation } from './operation.ts';
import { AwsError } from './wire.ts';

export interface DynamoDb {
  /** Every action that dynalite knows; no transactions, no PartiQL. */
  operation(action: string): Operation;
  /** As CreateTable; the table is usable as soon as this resolves. */
  createTable(input: object): Promise<void>;
  /** Name of the attribute; undefined for a table that does not exist. */
  partitionKeyOf(tableName: string): string | undefined;
}

const errorBody = v.object({
  __type: v.string(),
  message: v.optional(v.string()),
  Message: v.optional(v.string()),
});

const tableDescription = v.object({ Table: v.object({ TableStatus: v.string() }) });
const newTable = v.object({
  TableName: v.string(),
  KeySchema: v.array(v.object({ AttributeName: v.string(), KeyType: v.string() })),
});

/** dynalite insists on a signature, but checks none. */
const signature =
  'AWS4-HMAC-SHA256 Credential=local/20260101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0';

/** DynamoDB is dynalite, in memory, spoken to without a socket. */
export function createDynamoDb(context: Context): DynamoDb {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const partitionKeys = new Map<string, string>();

  function send(action: string, input: unknown): Promise<{ status: number; text: string }> {
    const request = Object.assign(Readable.from([Buffer.from(JSON.stringify(input))]), {
      method: 'POST',
      url: '/',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${action}`,
        'x-amz-date': '20260101T000000Z',
        authorization: signature,
      },
    });
    return new Promise((resolve) => {
      const response = {
        statusCode: 200,
        setHeader() {},
        end(text: string) {
          resolve({ status: response.statusCode, text });
        },
      };
      server.emit('request', request, response);
    });
  }

  async function call(action: string, input: unknown): Promise<unknown> {
    const { status, text } = await context.clock.busy(send(action, input));
    const body: unknown = JSON.parse(text);
    if (status === 200) return body;
    const { __type, message, Message, ...members } = v.parse(v.looseObject(errorBody.entries), body);
    const said =
      message ?? Message ?? (__type.endsWith('UnknownOperationException') ? `dynalite has no ${action}` : '');
    throw new AwsError(__type, said, status, members);
  }

  async function createTable(input: unknown): Promise<unknown> {
    const output = await call('CreateTable', input);
    const { TableName, KeySchema } = v.parse(newTable, input);
    for (const { AttributeName, KeyType } of KeySchema) {
      if (KeyType === 'HASH') partitionKeys.set(TableName, AttributeName);
    }
    // dynalite leaves a table CREATING until a timer of its own has fired, which a virtual clock does not know of.
    while (v.parse(tableDescription, await call('DescribeTable', { TableName })).Table.TableStatus !== 'ACTIVE');
    return output;
  }

  return {
    operation: (action) => (input) => (action === 'CreateTable' ? createTable(input) : call(action, input)),
    async createTable(input) {
      await createTable(input);
    },
    partitionKeyOf: (tableName) => partitionKeys.get(tableName),
  };
}
