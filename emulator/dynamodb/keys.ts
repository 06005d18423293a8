import { hash } from 'node:crypto';
import { invalid } from './errors.ts';
import { type AttributeValue, type Item, type KeyType, typeOf } from './values.ts';

export interface KeyAttribute {
  readonly name: string;
  readonly type: KeyType;
}

/** The attributes that say where an item stands in a table or an index. */
export interface KeySchema {
  readonly partition: KeyAttribute;
  readonly sort?: KeyAttribute | undefined;
}

/** Returns the key attributes, the partition key first. */
export function attributesOf({ partition, sort }: KeySchema): readonly KeyAttribute[] {
  return sort === undefined ? [partition] : [partition, sort];
}

/** The most bytes of a key. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const maxPartitionBytes = 2048;
const maxSortBytes = 1024;

/** Throws an AwsError unless the item has the table's key. */
export function checkItemKey(schema: KeySchema, item: Item): void {
  for (const { name, type } of attributesOf(schema)) {
    const value = item[name];
    if (value === undefined) {
      throw invalid(`One or more parameter values were invalid: Missing the key ${name} in the item`);
    }
    if (typeOf(value) !== type) {
      throw invalid(
        'One or more parameter values were invalid: ' +
          `Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value)}`,
      );
    }
    if (isEmpty(value)) throw emptyKey('One or more parameter values are not valid.', name, type);
  }
  checkSize(schema, item);
}

/** Throws an AwsError unless the key has the attributes of the table's key alone. */
export function checkKey(schema: KeySchema, key: Item): void {
  const attributes = attributesOf(schema);
  if (Object.keys(key).length !== attributes.length) throw wrongKey();
  for (const { name, type } of attributes) {
    const value = key[name];
    if (value === undefined || typeOf(value) !== type) throw wrongKey();
    if (isEmpty(value)) throw emptyKey('One or more parameter values were invalid:', name, type);
  }
  checkSize(schema, key);
}

const wrongKey = () => invalid('The provided key element does not match the schema');

function emptyKey(beginning: string, name: string, type: KeyType) {
  const kind = type === 'B' ? 'binary' : 'string';
  return invalid(
    `${beginning} The AttributeValue for a key attribute cannot contain an empty ${kind} value. Key: ${name}`,
  );
}

/** Says whether this is an empty text or empty bytes, which no key can be. */
export function isEmpty(value: AttributeValue): boolean {
  return keyTextOf(value) === '';
}

function checkSize({ partition, sort }: KeySchema, item: Item): void {
  if (bytesIn(item[partition.name]) > maxPartitionBytes) {
    throw invalid(
      'One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes',
    );
  }
  if (sort !== undefined && bytesIn(item[sort.name]) > maxSortBytes) {
    throw invalid(
      'One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes',
    );
  }
}

function bytesIn(value: AttributeValue | undefined): number {
  if (value === undefined || 'N' in value) return 0;
  return 'S' in value ? Buffer.byteLength(value.S) : Buffer.byteLength('B' in value ? value.B : '', 'base64');
}

/** Returns a text that no other key value of the same type has. */
export function keyTextOf(value: AttributeValue | undefined): string {
  if (value === undefined) return '';
  if ('S' in value) return value.S;
  if ('N' in value) return value.N;
  return 'B' in value ? value.B : '';
}

/** Returns the item's key as a text that no other item in the table has. */
export function keyOf(schema: KeySchema, item: Item): string {
  const partition = keyTextOf(item[schema.partition.name]);
  return schema.sort === undefined ? partition : JSON.stringify([partition, keyTextOf(item[schema.sort.name])]);
}

/**
 * Returns the place of a key among others, as a text. DynamoDB orders partitions by a hash that it does not document, and items
 * of an index that have the same key in no order. This hash is dynalite's, which found its salt in the segments of scans.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.Partitions.html
 */
export function hashOf(...keyTexts: readonly string[]): string {
  return hash('md5', `Outliers${keyTexts.join('')}`);
}
