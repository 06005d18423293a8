import type * as v from 'valibot';

/** The parameters that an operation declares, as deep as its requests go. Lists are passed over: each item has the same shape. */
export type Shape =
  | { readonly kind: 'value' }
  | { readonly kind: 'members'; readonly members: Readonly<Record<string, Shape>> }
  /** A map whose names are data of the caller. */
  | { readonly kind: 'map'; readonly of: Shape };

const value: Shape = { kind: 'value' };

/** Returns the shape of a schema. Throws if one of its objects takes any member, because such a member could be ignored. */
export function shapeOf(schema: v.GenericSchema): Shape {
  switch (schema.type) {
    case 'object':
    case 'strict_object':
      return { kind: 'members', members: 'entries' in schema ? shapesOf(schema.entries) : {} };
    case 'array':
      return 'item' in schema ? innerShape(schema.item) : value;
    case 'optional':
    case 'exact_optional':
      return 'wrapped' in schema ? innerShape(schema.wrapped) : value;
    case 'record': {
      const of = 'value' in schema ? innerShape(schema.value) : value;
      return of.kind === 'value' ? value : { kind: 'map', of };
    }
    case 'string':
    case 'number':
    case 'boolean':
    case 'picklist':
    case 'literal':
    case 'unknown':
      return value;
    default:
      throw new Error(`Got a schema of the type ${schema.type}, expected one whose members are all named.`);
  }
}

const shapesOf = (entries: unknown): Record<string, Shape> =>
  Object.fromEntries(
    Object.entries(typeof entries === 'object' && entries !== null ? entries : {}).map(([name, schema]) => [
      name,
      innerShape(schema),
    ]),
  );

function innerShape(schema: unknown): Shape {
  if (isSchema(schema)) return shapeOf(schema);
  throw new Error(`Got ${String(schema)}, expected a schema.`);
}

const isSchema = (candidate: unknown): candidate is v.GenericSchema =>
  typeof candidate === 'object' && candidate !== null && 'kind' in candidate && candidate.kind === 'schema';

/** Returns the path of the first member of a request that its operation does not declare, or undefined. Null counts as absent. */
export function undeclaredIn(shape: Shape, input: unknown, path: readonly string[] = []): string | undefined {
  if (shape.kind === 'value' || typeof input !== 'object' || input === null) return undefined;
  if (Array.isArray(input)) return first(input, (item) => undeclaredIn(shape, item, path));
  return first(Object.entries(input), ([name, member]) => {
    const memberPath = [...path, name];
    if (shape.kind === 'map') return undeclaredIn(shape.of, member, memberPath);
    if (member === null || member === undefined) return undefined;
    const declared = Object.hasOwn(shape.members, name) ? shape.members[name] : undefined;
    return declared === undefined ? memberPath.join('.') : undeclaredIn(declared, member, memberPath);
  });
}

function first<Item>(items: readonly Item[], find: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Returns the paths of all declared parameters: `IpPermissions`, `IpPermissions.FromPort`. `*` stands for the names of a map. */
export function declaredPaths(shape: Shape, path: readonly string[] = []): string[] {
  if (shape.kind === 'value') return [];
  if (shape.kind === 'map') return declaredPaths(shape.of, [...path, '*']);
  return Object.entries(shape.members).flatMap(([name, member]) => {
    const memberPath = [...path, name];
    return [memberPath.join('.'), ...declaredPaths(member, memberPath)];
  });
}
