import * as v from 'valibot';

/** Makes the schema of a list, for which IAM also takes a single value. */
export const oneOrMany = <Schema extends v.GenericSchema>(schema: Schema) =>
  v.pipe(
    v.unknown(),
    v.transform((value) => [value].flat()),
    v.array(schema),
  );

const leadingKeys = 'dynamodb:LeadingKeys';
// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of IAM's policy language
const userIdVariable = '${aws:userid}';
/** A partition key, or a pattern of one. AWS also replaces other variables. */
const keyPattern = v.pipe(
  v.string(),
  v.check(
    (text) => !text.replaceAll(userIdVariable, '').includes('${'),
    `Only the variable ${userIdVariable} is emulated`,
  ),
);
const isFalse = v.union([v.literal(false), v.literal('false')]);

/**
 * The one kind of statement that is emulated: access to single items of DynamoDB tables, limited by their partition key.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
const statement = v.strictObject({
  Sid: v.optional(v.string()),
  Effect: v.literal('Allow'),
  Action: oneOrMany(v.picklist(['dynamodb:GetItem', 'dynamodb:DeleteItem'])),
  Resource: oneOrMany(v.pipe(v.string(), v.regex(/^arn:aws:dynamodb:[^*?]+$/, 'Expected the ARN of one table'))),
  Condition: v.optional(
    v.strictObject({
      'ForAllValues:StringEquals': v.optional(v.strictObject({ [leadingKeys]: oneOrMany(keyPattern) })),
      Null: v.optional(v.strictObject({ [leadingKeys]: isFalse })),
    }),
    {},
  ),
});

const document = v.strictObject({ Version: v.literal('2012-10-17'), Statement: oneOrMany(statement) });

export type Statement = v.InferOutput<typeof statement>;

/** A request as policies see it. */
export interface AccessRequest {
  /** The service and the operation: `dynamodb:GetItem`. */
  readonly action: string;
  readonly resource: string;
  /** The partition keys of the items. It is empty if the request names no item. */
  readonly leadingKeys: readonly string[];
  readonly userId: string;
}

/** Parses a policy. Throws an error that names `owner` if the policy has any other statement. */
export function parsePolicy(owner: string, policy: unknown): readonly Statement[] {
  const parsed = v.safeParse(document, policy);
  if (parsed.success) return parsed.output.Statement;
  const [issue] = parsed.issues;
  throw new Error(
    `${owner} has a policy that is not emulated, at ${v.getDotPath(issue) ?? 'its top'}: ${issue.message}. ` +
      'Expected statements that allow dynamodb:GetItem or dynamodb:DeleteItem on a table, with only the conditions ' +
      `ForAllValues:StringEquals and Null on ${leadingKeys}. Write such a statement, or add the other to the emulated IAM.`,
  );
}

/** Says whether one of the statements allows the request. */
export function allows(statements: readonly Statement[], request: AccessRequest): boolean {
  return statements.some(
    ({ Action, Resource, Condition }) =>
      Action.some((action) => action === request.action) &&
      Resource.includes(request.resource) &&
      meets(Condition, request),
  );
}

function meets(condition: Statement['Condition'], { leadingKeys: keys, userId }: AccessRequest): boolean {
  const permittedKeys = condition['ForAllValues:StringEquals']?.[leadingKeys].map((pattern) =>
    pattern.replaceAll(userIdVariable, userId),
  );
  // "ForAllValues" is true for a request without any such key. Policies exclude that with "Null".
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
  if (permittedKeys !== undefined && !keys.every((key) => permittedKeys.includes(key))) return false;
  return condition.Null === undefined || keys.length > 0;
}
