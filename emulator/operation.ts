import * as v from 'valibot';
import type { Principal } from './iam/principal.ts';
import { AwsError } from './wire.ts';

/** An API operation, from the request's members to the answer's. It throws an AwsError when AWS refuses the request. */
export type Operation = (input: unknown, caller: Principal) => unknown;

/** The operations of one service, by name. */
export type Operations = Readonly<Record<string, Operation>>;

/** Returns a function that makes operations. Each refuses input that breaks its schema, with the service's own codes. */
export function operationMaker(invalidCode: string, missingCode: string = invalidCode) {
  return <Schema extends v.GenericSchema>(
    schema: Schema,
    run: (input: v.InferOutput<Schema>) => unknown,
  ): Operation => {
    return (input) => {
      const parsed = v.safeParse(schema, input);
      if (parsed.success) return run(parsed.output);
      const [issue] = parsed.issues;
      const parameter = v.getDotPath(issue) ?? 'body';
      throw issue.received === 'undefined'
        ? new AwsError(missingCode, `The request must contain the parameter ${parameter}`)
        : new AwsError(invalidCode, `Parameter ${parameter} is not valid. ${issue.message}.`);
    };
  };
}

/** Returns one page of `items`, ordered by id. So a removal between two pages hides no other item. */
export function page<Item>(
  items: readonly Item[],
  idOf: (item: Item) => string,
  request: { readonly limit: number; readonly token: string | undefined; readonly invalidToken: () => AwsError },
): { readonly items: readonly Item[]; readonly nextToken: string | undefined } {
  const after = request.token === undefined ? '' : lastIdOf(request.token, request.invalidToken);
  const remainingItems = items.filter((item) => idOf(item) > after).sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  const pageItems = remainingItems.slice(0, request.limit);
  const last = pageItems.at(-1);
  const nextToken = last !== undefined && remainingItems.length > pageItems.length ? tokenAfter(idOf(last)) : undefined;
  return { items: pageItems, nextToken };
}

const tokenPrefix = 'after:';

function tokenAfter(id: string): string {
  return Buffer.from(tokenPrefix + id).toString('base64url');
}

function lastIdOf(token: string, invalidToken: () => AwsError): string {
  const text = Buffer.from(token, 'base64url').toString();
  if (!text.startsWith(tokenPrefix)) throw invalidToken();
  return text.slice(tokenPrefix.length);
}
