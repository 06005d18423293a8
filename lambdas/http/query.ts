import { closest } from 'fastest-levenshtein';
import * as v from 'valibot';
import { InvalidRequest } from '../core/session/errors.ts';
import { shown } from '../core/session/shown.ts';
import type { HttpEvent } from './event.ts';

/** A query as `contracts/api.ts` describes it: optional texts by their names. */
type QuerySchema = v.ObjectSchema<Record<string, v.OptionalSchema<v.StringSchema<undefined>, undefined>>, undefined>;

/**
 * Parses the query. Throws `InvalidRequest` for a parameter that the route does not have, or that is there twice.
 * @param absent parameters of the schema that the route lacks
 */
export function queryOf<Schema extends QuerySchema>(
  event: HttpEvent,
  schema: Schema,
  absent: readonly string[] = [],
): v.InferOutput<Schema> {
  const names = Object.keys(schema.entries).filter((name) => !absent.includes(name));
  const sentNames = [...new URLSearchParams(event.rawQueryString).keys()];
  for (const name of sentNames) {
    if (!names.includes(name)) {
      const expected =
        names.length === 0 ? 'no parameter' : `${names.join(', ')}. The nearest is ${closest(name, names)}`;
      throw new InvalidRequest(`query: got "${shown(name)}", expected ${expected}.`);
    }
  }
  // API Gateway joins the values of a repeated parameter with commas, which a value may hold too.
  const repeatedName = sentNames.find((name, at) => sentNames.indexOf(name) !== at);
  if (repeatedName !== undefined) {
    throw new InvalidRequest(`${repeatedName}: got it more than once, expected it once.`);
  }
  return v.parse(schema, event.queryStringParameters);
}
