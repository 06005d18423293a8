import { invalid } from './errors.ts';
import { attributesOf, checkItemKey, hashOf, isEmpty, type KeySchema, keyOf, keyTextOf } from './keys.ts';
import { type Entry, OrderedItems } from './ordered-items.ts';
import type { TableStream } from './stream.ts';
import { type Item, sizeOf, typeOf } from './values.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-items */
const maxItemBytes = 409_600;

/** The items of a table, and of its global secondary indexes. An index has each item that has its keys, at once. */
export class Table {
  readonly schema: KeySchema;
  readonly #entries = new Map<string, Entry>();
  readonly #ordered: OrderedItems;
  readonly #indexes: ReadonlyMap<string, OrderedItems>;
  readonly #stream: TableStream | undefined;

  constructor(schema: KeySchema, indexes: Readonly<Record<string, KeySchema>>, stream?: TableStream) {
    this.schema = schema;
    this.#stream = stream;
    this.#ordered = new OrderedItems(schema);
    this.#indexes = new Map(Object.entries(indexes).map(([name, index]) => [name, new OrderedItems(index)]));
  }

  get itemCount(): number {
    return this.#entries.size;
  }

  /** Returns the item with this key, or undefined. */
  get(key: Item): Item | undefined {
    return this.#entries.get(keyOf(this.schema, key))?.item;
  }

  /** Throws an AwsError unless the item has the key of the table, and the right types where it has keys of indexes. */
  check(item: Item): void {
    checkItemKey(this.schema, item);
    this.checkIndexKeys(item);
  }

  /** Replaces the item with the same key. The item has passed the checks. */
  put(item: Item): void {
    const key = keyOf(this.schema, item);
    const previous = this.#entries.get(key);
    const entry = { item, hash: previous?.hash ?? this.#hashOf(item) };
    this.#entries.set(key, entry);
    this.#replace(previous, entry);
    this.#stream?.note(this.schema, previous?.item, item);
  }

  delete(key: Item): void {
    const name = keyOf(this.schema, key);
    const previous = this.#entries.get(name);
    this.#entries.delete(name);
    this.#replace(previous, undefined);
    this.#stream?.note(this.schema, previous?.item, undefined);
  }

  /** Returns the items of an index, or of the table itself. Throws an AwsError if the index does not exist. */
  ordered(indexName: string | undefined): OrderedItems {
    if (indexName === undefined) return this.#ordered;
    const index = this.#indexes.get(indexName);
    if (index === undefined) throw invalid(`The table does not have the specified index: ${indexName}`);
    return index;
  }

  /** Returns the place of an item that need not exist. The key has the attributes of the table's key, and perhaps others. */
  placeOf(key: Item): Entry {
    return { item: key, hash: this.#hashOf(key) };
  }

  #hashOf(item: Item): string {
    return hashOf(...attributesOf(this.schema).map(({ name }) => keyTextOf(item[name])));
  }

  #replace(previous: Entry | undefined, next: Entry | undefined): void {
    for (const ordered of [this.#ordered, ...this.#indexes.values()]) {
      if (previous && has(ordered.schema, previous.item)) ordered.remove(previous);
      if (next && has(ordered.schema, next.item)) ordered.add(next);
    }
  }

  /** Throws an AwsError if one of these attributes is the key of an index and has the wrong type or no content. */
  checkIndexKeys(item: Item): void {
    for (const [indexName, { schema }] of this.#indexes) {
      for (const { name, type } of attributesOf(schema)) {
        const value = item[name];
        if (value === undefined) continue;
        if (typeOf(value) !== type) {
          throw invalid(
            'One or more parameter values were invalid: Type mismatch for Index Key ' +
              `${name} Expected: ${type} Actual: ${typeOf(value)} IndexName: ${indexName}`,
          );
        }
        if (isEmpty(value)) {
          throw invalid(
            'One or more parameter values are not valid. A value specified for a secondary index key is not supported. ' +
              `The AttributeValue for a key attribute cannot contain an empty string value. IndexName: ${indexName}, IndexKey: ${name}`,
          );
        }
      }
    }
  }
}

/** Says whether an index has the item: it has both keys. */
function has(schema: KeySchema, item: Item): boolean {
  return attributesOf(schema).every(({ name }) => item[name] !== undefined);
}

/** Throws an AwsError if the item is larger than a table may have. */
export function checkItemSize(item: Item, message: string): void {
  if (sizeOf(item) > maxItemBytes) throw invalid(message);
}
