import { invalid, notEmulated } from '../errors.ts';
import type { AttributeValue } from '../values.ts';
import type { Placeholders } from './placeholders.ts';
import { isReserved } from './reserved-words.ts';

interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-expression-parameters */
const maxBytes = 4096;

/** A word, a placeholder, or a sign. Anything else is one character that no expression has. */
const token = /[#:]?\w+|<=|>=|<>|\S/g;

const keywords = ['AND', 'OR', 'NOT', 'BETWEEN', 'IN'];

/** Reads an expression token by token. Its methods throw an AwsError where the expression is wrong. */
export class Reader {
  readonly #parameter: string;
  readonly #expression: string;
  readonly #placeholders: Placeholders;
  readonly #tokens: readonly Token[];
  #position = 0;

  /** @param parameter the name of the request's parameter that holds the expression */
  constructor(parameter: string, expression: string, placeholders: Placeholders) {
    this.#parameter = parameter;
    this.#expression = expression;
    this.#placeholders = placeholders;
    if (expression === '') throw this.invalid('The expression can not be empty;');
    if (Buffer.byteLength(expression) > maxBytes) {
      throw this.invalid('Expression size has exceeded the maximum allowed size;');
    }
    this.#tokens = [...expression.matchAll(token)].map(({ 0: text, index }) => ({
      text,
      start: index,
      end: index + text.length,
    }));
  }

  /** Returns the refusal of the expression, in the words of DynamoDB. */
  invalid(message: string) {
    return invalid(`Invalid ${this.#parameter}: ${message}`);
  }

  /** Returns the text of the next token, or of one after it. Returns an empty text after the end. */
  peek(ahead = 0): string {
    return this.#tokens[this.#position + ahead]?.text ?? '';
  }

  /** Goes past the next token if it is this sign, or this keyword in upper or lower case. */
  take(expected: string): boolean {
    if (this.peek().toUpperCase() !== expected) return false;
    this.#position += 1;
    return true;
  }

  expect(expected: string): void {
    if (!this.take(expected)) throw this.syntaxError();
  }

  expectEnd(): void {
    if (this.#position < this.#tokens.length) throw this.syntaxError();
  }

  /** Reads the name of a function, which a bracket follows. Returns undefined if something else comes next. */
  takeFunction(): string | undefined {
    if (this.peek(1) !== '(' || !this.#isWord()) return undefined;
    const name = this.peek();
    this.#position += 2;
    return name;
  }

  /** Reads the name of an attribute, or a placeholder for one. Returns undefined if something else comes next. */
  takeAttribute(): string | undefined {
    const text = this.peek();
    const isPlaceholder = text.length > 1 && text.startsWith('#');
    if (!isPlaceholder && !this.#isWord()) return undefined;
    this.#position += 1;
    if (/^[.[]$/.test(this.peek())) throw notEmulated(`paths into maps and lists, as in ${this.#parameter}`);
    if (isPlaceholder) return this.#nameOf(text);
    if (isReserved(text)) throw this.invalid(`Attribute name is a reserved keyword; reserved keyword: ${text}`);
    return text;
  }

  expectAttribute(): string {
    const attribute = this.takeAttribute();
    if (attribute === undefined) throw this.syntaxError();
    return attribute;
  }

  /** Reads a placeholder for a value. Returns undefined if something else comes next. */
  takeValue(): AttributeValue | undefined {
    const text = this.peek();
    if (text.length < 2 || !text.startsWith(':')) return undefined;
    this.#position += 1;
    const value = this.#placeholders.value(text);
    if (value !== undefined) return value;
    throw this.invalid(`An expression attribute value used in expression is not defined; attribute value: ${text}`);
  }

  /** Returns the refusal of the next token, which shows the tokens around it. */
  syntaxError() {
    const near = this.#expression.slice(
      this.#tokens[this.#position - 1]?.start ?? 0,
      this.#tokens[this.#position + 1]?.end,
    );
    return this.invalid(`Syntax error; token: "${this.peek() || '<EOF>'}", near: "${near}"`);
  }

  #isWord(): boolean {
    const text = this.peek();
    return /^[A-Za-z]/.test(text) && !keywords.includes(text.toUpperCase());
  }

  #nameOf(placeholder: string): string {
    const name = this.#placeholders.name(placeholder);
    if (name !== undefined) return name;
    throw this.invalid(
      `An expression attribute name used in the document path is not defined; attribute name: ${placeholder}`,
    );
  }
}
