/**
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
 * `dynamodb:LeadingKeys` holds the partition key of every item in the request, `dynamodb:Attributes` the attributes that it names:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
import * as v from 'valibot';
import { table } from '../../contracts/stack.ts';
import { type Account, arn, type IamRequest, type Mapping, mapping } from './mapping.ts';

const text = v.object({ S: v.string() });
const keyed = v.object({ [table.key]: text });

const onItem = (
  action: string,
  { TableName, keys }: { TableName: string; keys: string[] },
  account: Account,
  context: IamRequest['context'] = {},
) => [
  {
    action,
    resource: arn(account, 'dynamodb', `table/${TableName}`),
    context: { 'dynamodb:LeadingKeys': keys, ...context },
  },
];

const byKey = (action: string) =>
  mapping(v.object({ TableName: v.string(), Key: keyed }), ({ TableName, Key }, account) =>
    onItem(action, { TableName, keys: Object.values(Key).map(({ S }) => S) }, account),
  );

const returnValues = v.optional(v.string(), 'NONE');

/** A condition of the write would name more attributes. No call of ours to a table of secrets has one. */
const deleteItem = mapping(
  v.object({ TableName: v.string(), Key: keyed, ReturnValues: returnValues }),
  ({ TableName, Key, ReturnValues }, account) =>
    onItem('dynamodb:DeleteItem', { TableName, keys: Object.values(Key).map(({ S }) => S) }, account, {
      'dynamodb:Attributes': Object.keys(Key),
      'dynamodb:ReturnValues': ReturnValues,
    }),
);

const putItem = mapping(
  v.object({ TableName: v.string(), Item: keyed, ReturnValues: returnValues }),
  ({ TableName, Item, ReturnValues }, account) =>
    onItem('dynamodb:PutItem', { TableName, keys: Object.values(Item).map(({ S }) => S) }, account, {
      'dynamodb:ReturnValues': ReturnValues,
    }),
);

/** A transaction is authorized by the actions of its writes. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html */
const transactWriteItems = mapping(
  v.object({ TransactItems: v.array(v.strictObject({ Put: v.object({ TableName: v.string(), Item: keyed }) })) }),
  ({ TransactItems }, account) =>
    TransactItems.flatMap(({ Put: { TableName, Item } }) =>
      onItem('dynamodb:PutItem', { TableName, keys: Object.values(Item).map(({ S }) => S) }, account),
    ),
);

const query = mapping(
  v.object({
    TableName: v.string(),
    IndexName: v.string(),
    KeyConditionExpression: v.pipe(v.string(), v.regex(/^#\w+ = :\w+/, 'expected the partition key first')),
    ExpressionAttributeValues: v.record(v.string(), v.unknown()),
  }),
  ({ TableName, IndexName, KeyConditionExpression, ExpressionAttributeValues }, account) => {
    const [, placeholder = ''] = /(:\w+)/.exec(KeyConditionExpression) ?? [];
    const { S } = v.parse(text, ExpressionAttributeValues[placeholder]);
    return onItem('dynamodb:Query', { TableName: `${TableName}/index/${IndexName}`, keys: [S] }, account);
  },
);

/** A batch is authorized for each of its tables by itself. */
const batchGetItem = mapping(
  v.object({
    RequestItems: v.record(
      v.string(),
      v.object({ Keys: v.array(keyed), ProjectionExpression: v.optional(v.string()) }),
    ),
  }),
  ({ RequestItems }, account) =>
    Object.entries(RequestItems).flatMap(([TableName, { Keys, ProjectionExpression }]) =>
      onItem(
        'dynamodb:BatchGetItem',
        { TableName, keys: Keys.flatMap((key) => Object.values(key).map(({ S }) => S)) },
        account,
        ProjectionExpression === undefined
          ? { 'dynamodb:Select': 'ALL_ATTRIBUTES' }
          : {
              'dynamodb:Select': 'SPECIFIC_ATTRIBUTES',
              'dynamodb:Attributes': ProjectionExpression.split(',').map((name) => name.trim()),
            },
      ),
    ),
);

export const dynamodbRequests: Readonly<Record<string, Mapping>> = {
  'dynamodb BatchGetItem': batchGetItem,
  'dynamodb GetItem': byKey('dynamodb:GetItem'),
  'dynamodb DeleteItem': deleteItem,
  'dynamodb PutItem': putItem,
  'dynamodb UpdateItem': byKey('dynamodb:UpdateItem'),
  'dynamodb Query': query,
  'dynamodb TransactWriteItems': transactWriteItems,
};
