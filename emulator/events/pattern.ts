import * as v from 'valibot';

/**
 * An event pattern: nested objects down to lists of alternatives. An alternative is a literal, or one of `prefix`, `exists` and
 * `anything-but`. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export type EventPattern = { readonly [field: string]: EventPattern | readonly Alternative[] };

const literal = v.union([v.string(), v.number(), v.boolean(), v.null()]);
const alternative = v.union([
  literal,
  v.strictObject({ prefix: v.string() }),
  v.strictObject({ exists: v.boolean() }),
  v.strictObject({
    'anything-but': v.union([literal, v.array(literal), v.strictObject({ prefix: v.string() })]),
  }),
]);

export type Alternative = v.InferOutput<typeof alternative>;

const pattern: v.GenericSchema<EventPattern> = v.record(
  v.string(),
  v.union([v.array(alternative), v.lazy(() => pattern)]),
);

/** Parses the pattern of a rule. Throws an error that names the rule if the pattern uses any other operator. */
export function parsePattern(rule: string, value: unknown): EventPattern {
  const parsed = v.safeParse(pattern, value);
  if (parsed.success) return parsed.output;
  throw new Error(
    `Rule ${rule} has an event pattern that is not emulated: ${JSON.stringify(value)}. ` +
      'Expected nested objects down to lists of literals, {"prefix"}, {"exists"} or {"anything-but"}.',
  );
}

/** Says whether the event matches the pattern. */
export function matchesPattern(pattern: EventPattern, event: unknown): boolean {
  return Object.entries(pattern).every(([field, expected]) => {
    const actual = memberOf(event, field);
    if (!isAlternatives(expected)) return matchesPattern(expected, actual);
    // A field that holds a list matches if one of its elements does.
    const values = Array.isArray(actual) ? actual : [actual];
    return expected.some((alternative) => values.some((value) => matchesAlternative(alternative, value)));
  });
}

function matchesAlternative(expected: Alternative, actual: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) return actual === expected;
  if ('exists' in expected) return (actual !== undefined) === expected.exists;
  if ('prefix' in expected) return startsWith(actual, expected.prefix);
  const excluded = expected['anything-but'];
  if (actual === undefined) return false;
  if (Array.isArray(excluded)) return !excluded.some((value) => value === actual);
  if (typeof excluded === 'object' && excluded !== null) return !startsWith(actual, excluded.prefix);
  return actual !== excluded;
}

function startsWith(value: unknown, prefix: string): boolean {
  return typeof value === 'string' && value.startsWith(prefix);
}

function isAlternatives(value: EventPattern | readonly Alternative[]): value is readonly Alternative[] {
  return Array.isArray(value);
}

function memberOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, field)
    ? Reflect.get(value, field)
    : undefined;
}
