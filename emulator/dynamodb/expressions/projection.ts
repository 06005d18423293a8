/** Projections: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ProjectionExpressions.html */
import type { AttributeValue, Item } from '../values.ts';
import type { Reader } from './reader.ts';

/** Parses the whole expression that is being read, and returns the names of attributes in it. */
export function parseProjection(reader: Reader): readonly string[] {
  const attributes: string[] = [];
  do {
    const attribute = reader.expectAttribute();
    if (attributes.includes(attribute)) {
      throw reader.invalid(
        'Two document paths overlap with each other; must remove or rewrite one of these paths; ' +
          `path one: [${attribute}], path two: [${attribute}]`,
      );
    }
    attributes.push(attribute);
  } while (reader.take(','));
  reader.expectEnd();
  return attributes;
}

/** Returns the item with only these attributes. Returns the item itself if none are named. */
export function projected(item: Item, attributes: readonly string[] | undefined): Item {
  if (attributes === undefined) return item;
  const result: Record<string, AttributeValue> = Object.create(null);
  for (const attribute of attributes) {
    const value = item[attribute];
    if (value !== undefined) result[attribute] = value;
  }
  return result;
}
