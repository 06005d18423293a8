import * as v from 'valibot';
import type { Principal } from './iam/principal.ts';
import { type Shape, shapeOf, undeclaredIn } from './parameters.ts';
import { AwsError } from './wire.ts';

/** The call of an operation. */
export interface OperationCall {
  readonly service: string;
  readonly action: string;
  readonly caller: Principal;
}

/** An API operation. It declares its parameters, and refuses a request with any other. */
export interface Operation {
  readonly shape: Shape;
  /** Returns the members of the answer. Throws an AwsError when AWS refuses the request, or when it has more than is emulated. */
  run(input: unknown, call: OperationCall): unknown;
}

/** The operations of one service, by name. */
export type Operations = Readonly<Record<string, Operation>>;

/** Makes an operation of a service whose own refusals come from `refusalOf`. */
export function newOperation<Schema extends v.GenericSchema>(
  schema: Schema,
  run: (input: v.InferOutput<Schema>, caller: Principal) => unknown,
  refusalOf: (issue: v.BaseIssue<unknown>, action: string) => AwsError,
): Operation {
  const shape = shapeOf(schema);
  return {
    shape,
    run(input, { service, action, caller }) {
      const undeclared = undeclaredIn(shape, input);
      if (undeclared !== undefined) throw notEmulated(`parameter ${undeclared} of ${service} ${action}`);
      const parsed = v.safeParse(schema, input, { abortEarly: true });
      if (parsed.success) return run(parsed.output, caller);
      const [issue] = parsed.issues;
      if (issue.message !== notAmongEmulated) throw refusalOf(issue, action);
      throw notEmulated(`value ${issue.received} for the parameter ${v.getDotPath(issue)} of ${service} ${action}`);
    },
  };
}

/** Returns a function that makes operations. Each refuses input that breaks its schema, with the service's own codes. */
export function operationMaker(invalidCode: string, missingCode: string = invalidCode) {
  const refusalOf = (issue: v.BaseIssue<unknown>) => {
    const parameter = v.getDotPath(issue) ?? 'body';
    return issue.received === 'undefined'
      ? new AwsError(missingCode, `The request must contain the parameter ${parameter}`)
      : new AwsError(invalidCode, `Parameter ${parameter} is not valid. ${issue.message}.`);
  };
  return <Schema extends v.GenericSchema>(
    schema: Schema,
    run: (input: v.InferOutput<Schema>, caller: Principal) => unknown,
  ): Operation => newOperation(schema, run, refusalOf);
}

/** The message of an issue about a value that AWS has and this account has not. */
export const notAmongEmulated = 'The emulated AWS has other values';

/** Returns the schema of a parameter that has more values on AWS than these. */
export const onlyEmulated = <const Values extends v.PicklistOptions>(values: Values) =>
  v.picklist(values, notAmongEmulated);

/** Refuses something that AWS has and this account has not. No service of AWS has this code. */
export function notEmulated(part: string): AwsError {
  return new AwsError('NotEmulated', `The emulated AWS has no ${part}.`);
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
