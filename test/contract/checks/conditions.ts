import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { table } from '../../../contracts/stack.ts';
import { type Check, type Operation, outcomeOf } from '../check.ts';
import { newTable } from '../table.ts';

const item = {
  [table.key]: 'one',
  colour: 'red',
  none: '',
  amount: 12.5,
  tags: new Set(['a', 'b']),
  list: ['a', 2],
  map: { deep: [1] },
  bytes: new Uint8Array([1, 2]),
  isOn: false,
};

type Values = Readonly<Record<string, unknown>>;

/** Writes the item again under a condition, in which `#name` stands for the attribute `name`. */
const outcome = (ConditionExpression: string, values: Values): Check => ({
  aws: undefined,
  async observe(account) {
    const TableName = await newTable(account);
    const Item = marshall(item);
    await account.dynamodb.send(new PutItemCommand({ TableName, Item }));
    const ExpressionAttributeValues = marshall(values);
    const names = [...ConditionExpression.matchAll(/#(\w+)/g)].map(([placeholder, name]) => [placeholder, name]);
    const command = new PutItemCommand({
      TableName,
      Item,
      ConditionExpression,
      ...(names.length > 0 && { ExpressionAttributeNames: Object.fromEntries(names) }),
      ...(Object.keys(values).length > 0 && { ExpressionAttributeValues }),
    });
    return outcomeOf(account.dynamodb.send(command));
  },
});

const holds = (condition: string, values: Values = {}): Check => ({ ...outcome(condition, values), aws: 'accepted' });
const fails = (condition: string, values: Values = {}): Check => ({
  ...outcome(condition, values),
  aws: 'ConditionalCheckFailedException 400',
});
const refused = (condition: string, values: Values = {}): Check => ({
  ...outcome(condition, values),
  aws: 'ValidationException 400',
});

export const conditions: Operation = {
  name: 'DynamoDB conditions',
  checks: {
    'numbers are compared as numbers': holds('amount > :v', { ':v': 9 }),
    'texts are compared as texts': holds('colour > :v', { ':v': 'Z' }),
    'values of different types are not equal': holds('amount <> :v', { ':v': '12.5' }),
    'values of different types have no order': fails('amount < :v', { ':v': 'z' }),
    'a value may stand first': holds(':v < amount', { ':v': 9 }),
    'sets are equal in any order': holds('tags = :v', { ':v': new Set(['b', 'a']) }),
    'lists are equal by their elements': holds('#list = :v', { ':v': ['a', 2] }),
    'maps are equal by their members': holds('#map = :v', { ':v': { deep: [1] } }),
    'an absent attribute equals nothing': fails('absent = :v', { ':v': 'x' }),
    'an absent attribute differs from everything': holds('absent <> :v', { ':v': 'x' }),
    'an attribute lies between its bounds': holds('amount BETWEEN :a AND :b', { ':a': 12.5, ':b': 13 }),
    'a false attribute is one of a list': holds('isOn IN (:a, :b)', { ':a': true, ':b': false }),
    'an attribute that is false exists': holds('attribute_exists(isOn)'),
    'AND binds more tightly than OR': holds('colour = :red OR amount = :no AND amount = :no', {
      ':red': 'red',
      ':no': 0,
    }),
    'NOT binds more tightly than AND': fails('NOT colour = :red AND amount > :no', { ':red': 'red', ':no': 0 }),
    'parentheses come first': fails('(colour = :red OR amount = :no) AND amount = :no', { ':red': 'red', ':no': 0 }),
    'keywords may be in lower case': holds('not colour = :v and attribute_exists(tags)', { ':v': 'blue' }),
    'a text contains a part': holds('contains(colour, :v)', { ':v': 'ed' }),
    'a set contains a member, and no part of one': fails('contains(tags, :v)', { ':v': '' }),
    'a list contains an element': holds('contains(#list, :v)', { ':v': 2 }),
    'a text begins with its start': holds('begins_with(colour, :v)', { ':v': 're' }),
    'the size of a set is the number of its members': holds('size(tags) = :v', { ':v': 2 }),
    'the size of bytes is their number': holds('size(bytes) = :v', { ':v': 2 }),
    'the size of an empty text is zero': holds('size(#none) = :v', { ':v': 0 }),
    'the type of an attribute can be asked': holds('attribute_type(tags, :v)', { ':v': 'SS' }),
    'the type of an attribute that is false is asked too': holds('attribute_type(isOn, :v)', { ':v': 'BOOL' }),
    'two attributes can be compared': holds('colour <> #none'),
    'an unknown function is refused': refused('looks_like(colour, :v)', { ':v': 'red' }),
    'a size alone is no condition': refused('size(tags)'),
    'an attribute compared with itself is refused': refused('colour = colour'),
    'bounds in the wrong order are refused': refused('amount BETWEEN :a AND :b', { ':a': 2, ':b': 1 }),
    'an order of flags is refused': refused('isOn < :v', { ':v': true }),
    'two pairs of parentheses are refused': refused('((colour = :v))', { ':v': 'red' }),
    'a pair of parentheses that is not closed is refused': refused('(colour = :v', { ':v': 'red' }),
    'two conditions without an operator are refused': refused('attribute_exists(tags) attribute_exists(colour)'),
    'a reserved word needs a placeholder': refused('state = :v', { ':v': 'red' }),
    'an empty condition is refused': refused(''),
    'a value that is not defined is refused': refused('colour = :v'),
  },
};
