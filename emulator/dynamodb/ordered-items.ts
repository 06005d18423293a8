import type { KeyRange } from './expressions/key-condition.ts';
import { hashOf, type KeySchema, keyTextOf } from './keys.ts';
import { type AttributeValue, compare, compareTexts, type Item } from './values.ts';

/** An item, with the hash of its key in the table. Items that are equal in an index are ordered by it. */
export interface Entry {
  readonly item: Item;
  readonly hash: string;
}

/** The items with one partition key, in order. */
interface Partition {
  readonly hash: string;
  readonly entries: Entry[];
}

/** The items of a table or an index: by partition key, and in each partition by sort key. */
export class OrderedItems {
  readonly schema: KeySchema;
  readonly #partitions = new Map<string, Partition>();
  /** The partitions by their hash. Undefined after a partition has come or gone. */
  #sortedPartitions: readonly Partition[] | undefined;

  constructor(schema: KeySchema) {
    this.schema = schema;
  }

  add(entry: Entry): void {
    const partition = this.#partitions.get(this.#partitionKeyOf(entry));
    if (partition !== undefined) partition.entries.splice(this.#indexFrom(partition.entries, entry), 0, entry);
    else this.#addPartition(entry);
  }

  #addPartition(entry: Entry): void {
    const key = this.#partitionKeyOf(entry);
    this.#partitions.set(key, { hash: hashOf(key), entries: [entry] });
    this.#sortedPartitions = undefined;
  }

  remove(entry: Entry): void {
    const key = this.#partitionKeyOf(entry);
    const entries = this.#partitions.get(key)?.entries ?? [];
    const index = this.#indexFrom(entries, entry);
    if (entries[index] !== entry) throw new Error(`The emulated DynamoDB has lost an item of the partition ${key}.`);
    entries.splice(index, 1);
    if (entries.length > 0) return;
    this.#partitions.delete(key);
    this.#sortedPartitions = undefined;
  }

  /** Returns the items of a range, or those behind `after` in the direction of the query. */
  query({ partition, place = () => 0 }: KeyRange, isForward: boolean, after?: Entry): Iterable<Item> {
    const entries = this.#partitions.get(keyTextOf(partition))?.entries ?? [];
    const placeOf = (entry: Entry) => place(this.#sortKeyOf(entry) ?? partition);
    let start = firstIndex(entries, (entry) => placeOf(entry) >= 0);
    let end = firstIndex(entries, (entry) => placeOf(entry) > 0);
    if (after !== undefined && isForward) start = Math.max(start, this.#indexAfter(entries, after));
    if (after !== undefined && !isForward) end = Math.min(end, this.#indexFrom(entries, after));
    return itemsOf(entries, start, end, isForward);
  }

  /** Returns all items, or those behind `after`, in the order of a scan. */
  *scan(after?: Entry): Iterable<Item> {
    this.#sortedPartitions ??= [...this.#partitions.values()].sort((a, b) => compareTexts(a.hash, b.hash));
    const reached = after && hashOf(this.#partitionKeyOf(after));
    for (const { hash, entries } of this.#sortedPartitions) {
      if (reached !== undefined && hash < reached) continue;
      const start = after !== undefined && hash === reached ? this.#indexAfter(entries, after) : 0;
      yield* itemsOf(entries, start, entries.length, true);
    }
  }

  #partitionKeyOf({ item }: Entry): string {
    return keyTextOf(item[this.schema.partition.name]);
  }

  #sortKeyOf({ item }: Entry): AttributeValue | undefined {
    return this.schema.sort && item[this.schema.sort.name];
  }

  /** Returns the index of the first entry that does not stand before this one. */
  #indexFrom(entries: readonly Entry[], entry: Entry): number {
    return firstIndex(entries, (other) => this.#compare(other, entry) >= 0);
  }

  /** Returns the index of the first entry that stands behind this one. */
  #indexAfter(entries: readonly Entry[], entry: Entry): number {
    return firstIndex(entries, (other) => this.#compare(other, entry) > 0);
  }

  #compare(a: Entry, b: Entry): number {
    const [left, right] = [this.#sortKeyOf(a), this.#sortKeyOf(b)];
    return (left && right && compare(left, right)) || compareTexts(a.hash, b.hash);
  }
}

/** Finds the first entry for which the test is true. From there on it must be true for all. */
function firstIndex(entries: readonly Entry[], test: (entry: Entry) => boolean): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = entries[middle];
    if (entry !== undefined && test(entry)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function* itemsOf(entries: readonly Entry[], start: number, end: number, isForward: boolean): Iterable<Item> {
  for (let offset = 0; offset < end - start; offset += 1) {
    const entry = entries[isForward ? start + offset : end - 1 - offset];
    if (entry !== undefined) yield entry.item;
  }
}
