import type { Difference, Differences } from './difference.ts';

const dynamodb = 'https://docs.aws.amazon.com/amazondynamodb/latest';
const operators = `${dynamodb}/developerguide/Expressions.OperatorsAndFunctions.html` as const;
const condition = `${dynamodb}/APIReference/API_Condition.html` as const;

/** moto parses conditions less strictly, or stops with an error of its own. */
const unparsed = (moto: 'accepted' | 'broke down', fact: string): Difference => ({ moto, fact, source: operators });

export const dynamoDbDifferences: Differences = {
  'DynamoDB PutItem': {
    'an index key of another type is refused': {
      moto: { outcome: 'accepted', item: { pk: 'claim#user#ann', reapAt: 'soon' } },
      fact: 'An attribute that is the key of an index must have the type that the index declares.',
      source: `${dynamodb}/APIReference/API_PutItem.html`,
    },
    'a name in the condition that is not defined is refused': {
      moto: { outcome: 'broke down', item: undefined },
      fact: 'Every #name in an expression must be defined by ExpressionAttributeNames.',
      source: `${dynamodb}/developerguide/Expressions.ExpressionAttributeNames.html`,
    },
    'a value that the condition does not use is refused': {
      moto: { outcome: 'accepted', item: { pk: 'claim#user#ann', version: 1 } },
      fact: 'ExpressionAttributeValues are substitutes in an expression. An unused one is an error.',
      source: `${dynamodb}/developerguide/Expressions.ExpressionAttributeValues.html`,
    },
  },
  'DynamoDB Query': {
    'a limit makes pages, and a full last page is followed by an empty one': {
      moto: [['1'], ['3'], ['5']],
      fact: 'More items may or may not follow a LastEvaluatedKey. Only its absence means the end.',
      source: `${dynamodb}/developerguide/Query.Pagination.html`,
    },
    'an unknown index is refused': {
      moto: 'ResourceNotFoundException 400',
      fact: 'ResourceNotFoundException is for tables. A request with an unknown index is not valid.',
      source: `${dynamodb}/developerguide/Programming.Errors.html`,
    },
  },
  'DynamoDB TransactWriteItems': {
    'repeats nothing for the same token': {
      moto: ['accepted', 'TransactionCanceledException 400'],
      fact: 'A call with the token of an earlier one succeeds for ten minutes, and changes nothing.',
      source: `${dynamodb}/APIReference/API_TransactWriteItems.html`,
    },
    'refuses a token of another request': {
      moto: 'accepted',
      fact: 'A token that comes with other parameters within ten minutes is an error.',
      source: `${dynamodb}/APIReference/API_TransactWriteItems.html`,
    },
  },
  'DynamoDB UpdateItem': {
    'an index key of another type is refused': {
      moto: { outcome: 'accepted', item: { pk: 'places#people', size: 1, reapAt: 'soon' } },
      fact: 'An attribute that is the key of an index must have the type that the index declares.',
      source: `${dynamodb}/APIReference/API_UpdateItem.html`,
    },
  },
  'DynamoDB BatchGetItem': {
    'above a megabyte the rest comes back as unprocessed keys, which can be asked again': {
      moto: { first: 4, second: undefined },
      fact: 'The result is partial if more than 1 MB per partition is requested. A small table may have one partition.',
      source: `${dynamodb}/APIReference/API_BatchGetItem.html`,
    },
    'no key is refused': {
      moto: 'accepted',
      fact: 'Keys has at least one item.',
      source: `${dynamodb}/APIReference/API_KeysAndAttributes.html`,
    },
  },
  'DynamoDB Scan': {
    'a limit of nothing is refused': {
      moto: 'accepted',
      fact: 'Limit is at least 1.',
      source: `${dynamodb}/APIReference/API_Scan.html`,
    },
  },
  'DynamoDB conditions': {
    'values of different types have no order': {
      moto: 'broke down',
      fact: 'A value of a different type than the one in the request does not match.',
      source: condition,
    },
    'an order of flags is refused': {
      moto: 'accepted',
      fact: 'Only texts, numbers and bytes have an order.',
      source: condition,
    },
    'bounds in the wrong order are refused': {
      moto: 'ConditionalCheckFailedException 400',
      fact: 'The first value must be less than or equal to the second.',
      source: condition,
    },
    'an attribute compared with itself is refused': unparsed('accepted', 'The operands of a comparison are distinct.'),
    'an empty condition is refused': unparsed('accepted', 'A condition has at least one comparison or function.'),
    'an unknown function is refused': unparsed('broke down', 'These are all the functions.'),
    'a size alone is no condition': unparsed('broke down', 'A size is a number, which a condition compares.'),
    'a pair of parentheses that is not closed is refused': unparsed('broke down', 'Parentheses come in pairs.'),
    'two conditions without an operator are refused': unparsed('broke down', 'AND or OR connects two conditions.'),
    'a value that is not defined is refused': {
      moto: 'broke down',
      fact: 'Every :value in an expression must be defined by ExpressionAttributeValues.',
      source: `${dynamodb}/developerguide/Expressions.ExpressionAttributeValues.html`,
    },
  },
};
