import * as v from 'valibot';
import { notEmulated, page } from '../operation.ts';
import { AwsError } from '../wire.ts';
import { filtersOfAws } from './filters-of-aws.ts';

/** The ids of a Describe operation. */
export const idList = v.optional(v.array(v.string()), []);

/** The parameters of every EC2 Describe operation besides its ids. */
export const listing = {
  Filter: v.optional(v.array(v.object({ Name: v.string(), Value: v.optional(v.array(v.string()), []) })), []),
  MaxResults: v.optional(v.pipe(v.string(), v.toNumber(), v.integer(), v.minValue(5), v.maxValue(1000))),
  NextToken: v.optional(v.string()),
};

interface Listing {
  readonly Filter: readonly { readonly Name: string; readonly Value: readonly string[] }[];
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

/** A kind of resource that a Describe operation shows. */
export interface Describable<Item> {
  readonly action: keyof typeof filtersOfAws;
  /** The name of the id in EC2's messages: `GroupId`. */
  readonly idName: string;
  readonly items: readonly Item[];
  readonly idOf: (item: Item) => string;
  readonly notFound: (id: string) => AwsError;
  /** The values of an item, by the name of the filter. `tag:*` and `tag-key` read `tagsOf`. */
  readonly filters: Readonly<Record<string, (item: Item) => readonly string[]>>;
  readonly tagsOf: (item: Item) => ReadonlyMap<string, string>;
}

/**
 * Returns one page of the items with these ids that pass the filters. No ids means every item. Throws an AwsError for an unknown id,
 * an unknown filter, a filter that is not emulated, an invalid token, or ids together with MaxResults.
 */
export function describe<Item>(
  { action, idName, items, idOf, notFound, filters, tagsOf }: Describable<Item>,
  ids: readonly string[],
  request: Listing,
): { readonly items: readonly Item[]; readonly nextToken: string | undefined } {
  if (ids.length > 0 && request.MaxResults !== undefined) {
    throw new AwsError(
      'InvalidParameterCombination',
      `The parameter ${idName}s cannot be used with the parameter maxResults`,
    );
  }
  for (const { Name } of request.Filter) {
    if (isTagFilter(Name) || Object.hasOwn(filters, Name)) continue;
    if (filtersOfAws[action].includes(Name)) throw notEmulated(`filter ${Name} of ec2 ${action}`);
    throw new AwsError('InvalidParameterValue', `The filter '${Name}' is invalid`);
  }
  const missingId = ids.find((id) => !items.some((item) => idOf(item) === id));
  if (missingId !== undefined) throw notFound(missingId);
  const matchingItems = items.filter(
    (item) =>
      (ids.length === 0 || ids.includes(idOf(item))) &&
      request.Filter.every(({ Name, Value }) => {
        const actual = valuesOf(item, Name);
        return Value.some((pattern) => actual.some((value) => matches(value, pattern)));
      }),
  );
  const invalidToken = () =>
    new AwsError('InvalidParameterValue', `Unable to parse pagination token ${request.NextToken}`);
  return page(matchingItems, idOf, { limit: request.MaxResults ?? 1000, token: request.NextToken, invalidToken });

  function valuesOf(item: Item, filter: string): readonly string[] {
    if (filter === 'tag-key') return [...tagsOf(item).keys()];
    if (filter.startsWith('tag:')) {
      const value = tagsOf(item).get(filter.slice('tag:'.length));
      return value === undefined ? [] : [value];
    }
    return filters[filter]?.(item) ?? [];
  }
}

const isTagFilter = (name: string): boolean => name === 'tag-key' || name.startsWith('tag:');

/** Compares a value with the pattern of a filter, whose wildcards are `*` and `?`. */
function matches(value: string, pattern: string): boolean {
  const expression = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 's').test(value);
}
