import * as v from 'valibot';
import { page } from './operation.ts';
import { AwsError } from './wire.ts';

/** The parameters with which RDS and ElastiCache page through what they describe. */
export const marking = {
  MaxRecords: v.optional(v.pipe(v.string(), v.toNumber(), v.integer(), v.minValue(20), v.maxValue(100))),
  Marker: v.optional(v.string()),
};

interface Marking {
  readonly MaxRecords?: number | undefined;
  readonly Marker?: string | undefined;
}

/**
 * Returns one page of the items, or the one with this id. RDS and ElastiCache keep ids in lower case. Throws the AwsError of
 * `notFound` if no item has the id.
 */
export function records<Item extends { readonly id: string }>(
  items: ReadonlyMap<string, Item>,
  id: string | undefined,
  { MaxRecords: limit = 100, Marker: token }: Marking,
  notFound: (id: string) => AwsError,
): { readonly items: readonly Item[]; readonly marker: string | undefined } {
  if (id !== undefined) {
    const item = items.get(id.toLowerCase());
    if (item === undefined) throw notFound(id);
    return { items: [item], marker: undefined };
  }
  const invalidToken = () => new AwsError('InvalidParameterValue', `Invalid marker ${token}`);
  const { items: onPage, nextToken } = page([...items.values()], (item) => item.id, { limit, token, invalidToken });
  return { items: onPage, marker: nextToken };
}
