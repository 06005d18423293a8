/** Conditions and filters: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html */
import { type AttributeValue, compare, typeOf } from '../values.ts';
import type { Reader } from './reader.ts';

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** An attribute of the item, its size, or a value of the request. */
export type Operand = { readonly attribute: string } | { readonly sizeOf: string } | { readonly value: AttributeValue };

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly condition: Condition }
  | { readonly kind: 'comparison'; readonly comparator: Comparator; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'between'; readonly operand: Operand; readonly lower: Operand; readonly upper: Operand }
  | { readonly kind: 'in'; readonly operand: Operand; readonly candidates: readonly Operand[] }
  | { readonly kind: 'attribute_exists' | 'attribute_not_exists'; readonly attribute: string }
  | { readonly kind: TwoOperands; readonly operand: Operand; readonly argument: Operand };

const twoOperands = ['attribute_type', 'begins_with', 'contains'] as const;
type TwoOperands = (typeof twoOperands)[number];

const functions: Readonly<Record<string, number>> = {
  attribute_exists: 1,
  attribute_not_exists: 1,
  attribute_type: 2,
  begins_with: 2,
  contains: 2,
  size: 1,
};

/** Parses the whole expression that is being read. Throws an AwsError if it is no condition. */
export function parseCondition(reader: Reader): Condition {
  const condition = new ConditionParser(reader).parse();
  reader.expectEnd();
  return condition;
}

class ConditionParser {
  readonly #reader: Reader;
  /** The last condition that stood in parentheses. A second pair around it is redundant. */
  #parenthesized: Condition | undefined;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  parse(): Condition {
    let left = this.#parseAnd();
    while (this.#reader.take('OR')) left = { kind: 'or', left, right: this.#parseAnd() };
    return left;
  }

  #parseAnd(): Condition {
    let left = this.#parseNot();
    while (this.#reader.take('AND')) left = { kind: 'and', left, right: this.#parseNot() };
    return left;
  }

  #parseNot(): Condition {
    return this.#reader.take('NOT') ? { kind: 'not', condition: this.#parseNot() } : this.#parsePrimary();
  }

  #parsePrimary(): Condition {
    if (!this.#reader.take('(')) return this.#parseFunction() ?? this.#parseComparison(this.#parseOperand());
    const condition = this.parse();
    this.#reader.expect(')');
    if (condition === this.#parenthesized) throw this.#reader.invalid('The expression has redundant parentheses;');
    this.#parenthesized = condition;
    return condition;
  }

  /** Parses a function that is a condition by itself. Returns undefined if something else comes next. */
  #parseFunction(): Condition | undefined {
    if (this.#reader.peek() === 'size') return undefined;
    const name = this.#reader.takeFunction();
    if (name === undefined) return undefined;
    const [operand, argument] = this.#parseArguments(name);
    if (operand === undefined) throw this.#reader.syntaxError();
    if (name === 'attribute_exists' || name === 'attribute_not_exists') {
      return { kind: name, attribute: this.#attributeIn(name, operand) };
    }
    const kind = twoOperands.find((one) => one === name);
    if (kind === undefined || argument === undefined) throw this.#refusalOfUse(name);
    if (kind === 'attribute_type') this.#checkTypeName(argument);
    if (kind === 'begins_with') this.#checkTypes(kind, ['S', 'B'], operand, argument);
    this.#checkDistinct(kind, operand, argument);
    return { kind, operand, argument };
  }

  #parseArguments(name: string): readonly Operand[] {
    const expected = functions[name];
    if (expected === undefined) throw this.#reader.invalid(`Invalid function name; function: ${name}`);
    const operands = this.#parseOperands();
    if (operands.length === expected) return operands;
    throw this.#reader.invalid(
      'Incorrect number of operands for operator or function; ' +
        `operator or function: ${name}, number of operands: ${operands.length}`,
    );
  }

  #parseComparison(operand: Operand): Condition {
    if (this.#reader.take('BETWEEN')) return this.#parseBetween(operand);
    if (this.#reader.take('IN')) {
      this.#reader.expect('(');
      return { kind: 'in', operand, candidates: this.#parseOperands() };
    }
    const comparator = comparators.find((one) => this.#reader.take(one));
    if (comparator === undefined) throw this.#refusalOfLone(operand);
    const right = this.#parseOperand();
    if (comparator !== '=' && comparator !== '<>') this.#checkTypes(comparator, ordered, operand, right);
    this.#checkDistinct(comparator, operand, right);
    return { kind: 'comparison', comparator, left: operand, right };
  }

  #parseBetween(operand: Operand): Condition {
    const lower = this.#parseOperand();
    this.#reader.expect('AND');
    const upper = this.#parseOperand();
    if ('value' in lower && 'value' in upper) {
      const order = compare(lower.value, upper.value);
      const bounds = `lower bound operand: AttributeValue: ${shown(lower.value)}, upper bound operand: AttributeValue: ${shown(upper.value)}`;
      if (typeOf(lower.value) !== typeOf(upper.value)) {
        throw this.#reader.invalid(
          `The BETWEEN operator requires same data type for lower and upper bounds; ${bounds}`,
        );
      }
      if (order !== undefined && order > 0) {
        throw this.#reader.invalid(
          `The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${bounds}`,
        );
      }
    }
    return { kind: 'between', operand, lower, upper };
  }

  /** Parses operands up to the closing bracket. */
  #parseOperands(): readonly Operand[] {
    const operands = [this.#parseOperand()];
    while (this.#reader.take(',')) operands.push(this.#parseOperand());
    this.#reader.expect(')');
    return operands;
  }

  #parseOperand(): Operand {
    const value = this.#reader.takeValue();
    if (value !== undefined) return { value };
    const name = this.#reader.takeFunction();
    if (name === undefined) return { attribute: this.#reader.expectAttribute() };
    const [operand] = this.#parseArguments(name);
    if (name === 'size' && operand !== undefined) return { sizeOf: this.#attributeIn(name, operand) };
    throw this.#refusalOfUse(name);
  }

  #attributeIn(name: string, operand: Operand): string {
    if ('attribute' in operand) return operand.attribute;
    throw this.#reader.invalid(`Operator or function requires a document path; operator or function: ${name}`);
  }

  #checkTypeName(operand: Operand): void {
    if (!('value' in operand) || !('S' in operand.value)) {
      const type = 'value' in operand ? typeOf(operand.value) : `{${shownTypes}}`;
      throw this.#refusalOfType('attribute_type', type);
    }
    if (types.includes(operand.value.S)) return;
    throw this.#reader.invalid(
      `Invalid attribute type name found; type: ${operand.value.S}, valid types: {${shownTypes}}`,
    );
  }

  #checkTypes(name: string, allowed: readonly string[], ...operands: readonly Operand[]): void {
    for (const operand of operands) {
      if ('value' in operand && !allowed.includes(typeOf(operand.value))) {
        throw this.#refusalOfType(name, typeOf(operand.value));
      }
    }
  }

  #checkDistinct(operator: string, left: Operand, right: Operand): void {
    if (!('attribute' in left && 'attribute' in right) || left.attribute !== right.attribute) return;
    throw this.#reader.invalid(
      'The first operand must be distinct from the remaining operands for this operator or function; ' +
        `operator: ${operator}, first operand: [${left.attribute}]`,
    );
  }

  #refusalOfType(name: string, type: string) {
    return this.#reader.invalid(
      `Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${type}`,
    );
  }

  #refusalOfLone(operand: Operand) {
    return 'sizeOf' in operand ? this.#refusalOfUse('size') : this.#reader.syntaxError();
  }

  #refusalOfUse(name: string) {
    return this.#reader.invalid(`The function is not allowed to be used this way in an expression; function: ${name}`);
  }
}

/** Returns the names of all attributes that a condition looks at. */
export function attributesUsedIn(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return [...attributesUsedIn(condition.left), ...attributesUsedIn(condition.right)];
    case 'not':
      return attributesUsedIn(condition.condition);
    case 'attribute_exists':
    case 'attribute_not_exists':
      return [condition.attribute];
    case 'comparison':
      return attributesOf(condition.left, condition.right);
    case 'between':
      return attributesOf(condition.operand, condition.lower, condition.upper);
    case 'in':
      return attributesOf(condition.operand, ...condition.candidates);
    default:
      return attributesOf(condition.operand, condition.argument);
  }
}

function attributesOf(...operands: readonly Operand[]): readonly string[] {
  return operands.flatMap((operand) => {
    if ('attribute' in operand) return [operand.attribute];
    return 'sizeOf' in operand ? [operand.sizeOf] : [];
  });
}

const comparators: readonly Comparator[] = ['=', '<>', '<=', '<', '>=', '>'];
const ordered = ['S', 'N', 'B'];
const types = ['B', 'NULL', 'SS', 'BOOL', 'L', 'BS', 'N', 'NS', 'S', 'M'];
const shownTypes = types.join(',');

const shown = (value: AttributeValue): string => `{${typeOf(value)}:${Object.values(value)[0]}}`;
