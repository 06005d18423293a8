import type { Difference } from './difference.ts';

/** A difference between dynalite and AWS. test/contract/dynalite.test.ts proves the part about dynalite. */
interface DynaliteDifference extends Pick<Difference, 'fact' | 'source'> {
  /** The answer of dynalite, reduced as the check reduces it. */
  readonly dynalite: unknown;
}

const operators =
  'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html';
const conditions = 'https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Condition.html';

const failed = 'ConditionalCheckFailedException 400';

/** Every known difference between dynalite and AWS, by operation and rule. */
export const dynaliteDifferences: Readonly<Record<string, Readonly<Record<string, DynaliteDifference>>>> = {
  'DynamoDB CreateTable': {
    'a table with a stream names its stream': {
      dynalite: false,
      fact: 'The description of a table with a stream has the ARN of the stream.',
      source: 'https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html',
    },
  },
  'DynamoDB conditions': {
    'lists are equal by their elements': {
      dynalite: failed,
      fact: 'Equality is supported for all data types, including lists and maps.',
      source: conditions,
    },
    'maps are equal by their members': {
      dynalite: failed,
      fact: 'Equality is supported for all data types, including lists and maps.',
      source: conditions,
    },
    'a false attribute is one of a list': {
      dynalite: failed,
      fact: 'IN is true if the attribute is equal to any value in the list. False is such a value.',
      source: operators,
    },
    'the type of an attribute that is false is asked too': {
      dynalite: failed,
      fact: 'attribute_type is true if the attribute is of that type, whatever its value.',
      source: operators,
    },
    'the size of an empty text is zero': {
      dynalite: failed,
      fact: 'The size of a text is its length, and an attribute that is no key may be empty.',
      source: operators,
    },
    'an order of flags is refused': {
      dynalite: 'accepted',
      fact: 'Only texts, numbers and bytes have an order.',
      source: conditions,
    },
  },
};
