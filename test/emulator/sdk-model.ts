/** The parameters that AWS knows, from the schemas by which the SDK writes its requests. */
import type { GetItem$ } from '@aws-sdk/client-dynamodb';
import { NormalizedSchema } from '@smithy/core/schema';

/** A parameter of an operation, at any depth. */
export interface Parameter {
  /** The names as they go over the wire, without the places in lists. `*` is a name in a map. */
  readonly path: string;
  /** Whether it has no members, or is an attribute of an item, which has any. */
  readonly isValue: boolean;
  /** A request with this parameter alone. */
  readonly request: object;
  members(): readonly Parameter[];
}

/** Returns the schema of the input of an operation. Throws if the SDK's client has no such operation. */
export function inputOf(sdk: object, action: string): NormalizedSchema {
  const schema: unknown = Reflect.get(sdk, `${action}$`);
  if (!isOperationSchema(schema)) throw new Error(`The SDK has no schema of ${action}.`);
  return NormalizedSchema.of(schema[4]);
}

const isOperationSchema = (schema: unknown): schema is typeof GetItem$ => Array.isArray(schema) && schema[0] === 9;

/** Returns the members of a schema as parameters. @param isEc2 whether the names on the wire are EC2's */
export function parametersIn(
  schema: NormalizedSchema,
  isEc2: boolean,
  parent = '',
  requestWith: (member: object) => object = (member) => ({ ...labelsOf(schema), ...member }),
): readonly Parameter[] {
  return [...schema.structIterator()].map(([name, member]) => {
    const { inner, path, wrap } = unwrapped(member);
    const ownPath = [parent, isEc2 ? ec2Name(name, member) : name].filter((part) => part !== '').join('.');
    const pathOfMembers = [ownPath, ...path].join('.');
    const isAttribute = inner.getName()?.endsWith('AttributeValue') ?? false;
    return {
      path: ownPath,
      isValue: isAttribute || !inner.isStructSchema(),
      request: requestWith({ [name]: wrap(sample(inner)) }),
      members: () => parametersIn(inner, isEc2, pathOfMembers, (one) => requestWith({ [name]: wrap(one) })),
    };
  });
}

/** The parameters in the path of a URL, without which the SDK sends no request. */
const labelsOf = (schema: NormalizedSchema): object =>
  Object.fromEntries(
    [...schema.structIterator()]
      .filter(([, member]) => member.getMergedTraits().httpLabel !== undefined)
      .map(([name]) => [name, 'x']),
  );

interface Unwrapped {
  readonly inner: NormalizedSchema;
  readonly path: readonly string[];
  readonly wrap: (value: unknown) => unknown;
}

/** Looks through lists and maps. */
function unwrapped(schema: NormalizedSchema): Unwrapped {
  if (!schema.isListSchema() && !schema.isMapSchema()) return { inner: schema, path: [], wrap: (value) => value };
  const { inner, path, wrap } = unwrapped(schema.getValueSchema());
  return schema.isListSchema()
    ? { inner, path, wrap: (value) => [wrap(value)] }
    : { inner, path: inner.isStructSchema() ? ['*', ...path] : path, wrap: (value) => ({ '*': wrap(value) }) };
}

function sample(schema: NormalizedSchema, depth = 0): unknown {
  if (schema.isStructSchema()) {
    const [first] = [...schema.structIterator()];
    if (first === undefined || depth > 3) return {};
    const [name, member] = first;
    const { inner, wrap } = unwrapped(member);
    return { [name]: wrap(sample(inner, depth + 1)) };
  }
  if (schema.isBooleanSchema()) return true;
  if (schema.isNumericSchema()) return 1;
  if (schema.isTimestampSchema()) return new Date(0);
  if (schema.isBlobSchema()) return Buffer.from('{}');
  return 'x';
}

/** https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html#query-key-resolution */
function ec2Name(name: string, member: NormalizedSchema): string {
  const { ec2QueryName, xmlName = name } = member.getMergedTraits();
  const text = String(xmlName);
  return String(ec2QueryName ?? text.charAt(0).toUpperCase() + text.slice(1));
}
