/** Whether a value is valid by a JSON Schema, as far as the project's own documents use its keywords. Another keyword is an error. */
import * as v from 'valibot';

const schemas = v.array(v.looseObject({}));
const properties = v.record(v.string(), v.looseObject({}));

type Keyword = (setting: unknown, value: unknown) => boolean;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const keywords: Readonly<Record<string, Keyword>> = {
  type: (type, value) => (type === 'object' ? isObject(value) : typeof value === type),
  required: (names, value) => !isObject(value) || v.parse(v.array(v.string()), names).every((name) => name in value),
  properties: (rules, value) =>
    !isObject(value) ||
    Object.entries(v.parse(properties, rules)).every(([name, rule]) => !(name in value) || isValid(rule, value[name])),
  anyOf: (rules, value) => v.parse(schemas, rules).some((rule) => isValid(rule, value)),
  allOf: (rules, value) => v.parse(schemas, rules).every((rule) => isValid(rule, value)),
  not: (rule, value) => !isValid(v.parse(v.looseObject({}), rule), value),
  minLength: (length, value) => typeof value !== 'string' || [...value].length >= Number(length),
  maxLength: (length, value) => typeof value !== 'string' || [...value].length <= Number(length),
  pattern: (pattern, value) => typeof value !== 'string' || new RegExp(String(pattern), 'u').test(value),
};

export function isValid(schema: object, value: unknown): boolean {
  return Object.entries(schema).every(([name, setting]) => {
    const keyword = keywords[name];
    if (keyword === undefined)
      throw new Error(`The keyword "${name}" is unknown here. Add it to test/support/json-schema.ts.`);
    return keyword(setting, value);
  });
}
