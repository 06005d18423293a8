import { invalid } from '../errors.ts';
import type { AttributeValue, Item } from '../values.ts';

/** The names and values to which the expressions of a request refer. It notes which of them are used. */
export class Placeholders {
  readonly #names: ReadonlyMap<string, string>;
  readonly #values: ReadonlyMap<string, AttributeValue>;
  readonly #unusedNames: Set<string>;
  readonly #unusedValues: Set<string>;

  constructor(names: Readonly<Record<string, string>> | undefined, values: Item | undefined) {
    this.#names = entriesOf('ExpressionAttributeNames', '#', names);
    this.#values = entriesOf('ExpressionAttributeValues', ':', values);
    this.#unusedNames = new Set(this.#names.keys());
    this.#unusedValues = new Set(this.#values.keys());
  }

  name(placeholder: string): string | undefined {
    this.#unusedNames.delete(placeholder);
    return this.#names.get(placeholder);
  }

  value(placeholder: string): AttributeValue | undefined {
    this.#unusedValues.delete(placeholder);
    return this.#values.get(placeholder);
  }

  /** Throws an AwsError if no expression has used a name or a value. */
  checkUsed(): void {
    checkEmpty('ExpressionAttributeNames', this.#unusedNames);
    checkEmpty('ExpressionAttributeValues', this.#unusedValues);
  }
}

function entriesOf<Value>(
  parameter: string,
  sign: string,
  entries: Readonly<Record<string, Value>> | undefined,
): ReadonlyMap<string, Value> {
  const placeholders = new Map(Object.entries(entries ?? {}));
  if (entries !== undefined && placeholders.size === 0) throw invalid(`${parameter} must not be empty`);
  for (const placeholder of placeholders.keys()) {
    if (placeholder.startsWith(sign) && /^.\w+$/.test(placeholder)) continue;
    throw invalid(`${parameter} contains invalid key: Syntax error; key: "${placeholder}"`);
  }
  return placeholders;
}

function checkEmpty(parameter: string, unused: ReadonlySet<string>): void {
  if (unused.size === 0) return;
  throw invalid(`Value provided in ${parameter} unused in expressions: keys: {${[...unused].join(', ')}}`);
}
