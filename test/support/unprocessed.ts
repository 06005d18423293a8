import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import type { Call } from '../../emulator/wire.ts';

const item = v.record(v.string(), v.unknown());
const input = v.object({ RequestItems: v.record(v.string(), v.looseObject({ Keys: v.array(item) })) });
const output = v.object({ Responses: v.record(v.string(), v.array(item)) });

/** Which keys of a BatchGetItem stay unprocessed. @param n the key's place among those of its table, from 0 */
export type IsUnprocessed = (table: string, n: number) => boolean;

/** DynamoDB leaves some keys of a BatchGetItem unprocessed, as it may under load. */
export async function leaveUnprocessed(
  call: Pick<Call, 'input'>,
  proceed: () => Promise<unknown>,
  isUnprocessed: IsUnprocessed,
): Promise<unknown> {
  const { RequestItems } = v.parse(input, call.input);
  const { Responses } = v.parse(output, await proceed());
  const left = Object.entries(RequestItems).flatMap(([table, request]) => {
    const Keys = request.Keys.filter((_, n) => isUnprocessed(table, n));
    return Keys.length === 0 ? [] : [[table, { ...request, Keys }] as const];
  });
  const isLeft = (table: string, found: Record<string, unknown>) =>
    left.some(
      ([name, { Keys }]) =>
        name === table &&
        Keys.some((key) => Object.entries(key).every(([part, value]) => isDeepStrictEqual(found[part], value))),
    );
  return {
    Responses: Object.fromEntries(
      Object.entries(Responses).map(([table, items]) => [table, items.filter((found) => !isLeft(table, found))]),
    ),
    UnprocessedKeys: Object.fromEntries(left),
  };
}

/** The keys of a BatchGetItem, one table after the other. */
export const keysOf = ({ input: request }: Pick<Call, 'input'>): readonly Readonly<Record<string, unknown>>[] =>
  Object.values(v.parse(input, request).RequestItems).flatMap(({ Keys }) => Keys);
