import * as v from 'valibot';

/** IAM takes a single value for a list of one. */
export const oneOrMany = <Schema extends v.GenericSchema>(schema: Schema) =>
  v.pipe(
    v.unknown(),
    v.transform((value) => [value].flat()),
    v.array(schema),
  );

const leadingKeys = 'dynamodb:LeadingKeys';
// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of IAM's policy language
const userIdVariable = '${aws:userid}';
/** Another variable would be compared literally here, and worked out by AWS. */
const keyPattern = v.pipe(
  v.string(),
  v.check(
    (text) => !text.replaceAll(userIdVariable, '').includes('${'),
    `Only the variable ${userIdVariable} is known`,
  ),
);
const isFalse = v.union([v.literal(false), v.literal('false')]);

/**
 * The one kind of statement that is understood here: single items of DynamoDB tables, limited by their partition key.
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

export interface AccessRequest {
  /** `dynamodb:GetItem` */
  readonly action: string;
  readonly resource: string;
  /** Partition keys of the items that are asked for; empty when the request names none. */
  readonly leadingKeys: readonly string[];
  readonly userId: string;
}

/** Throws, naming `owner`, when the policy says anything that is not understood here. */
export function parsePolicy(owner: string, policy: unknown): readonly Statement[] {
  const parsed = v.safeParse(document, policy);
  if (parsed.success) return parsed.output.Statement;
  const [issue] = parsed.issues;
  throw new Error(
    `${owner} has a policy that is not understood here, at ${v.getDotPath(issue) ?? 'its top'}: ${issue.message}. ` +
      'Expected statements that allow dynamodb:GetItem or dynamodb:DeleteItem on a table, with no other condition than ' +
      `ForAllValues:StringEquals and Null on ${leadingKeys}. Teach emulator/iam/policy.ts the rest.`,
  );
}

/** Whether one of the statements allows the request. Nothing is allowed that no statement names. */
export function allows(statements: readonly Statement[], request: AccessRequest): boolean {
  return statements.some(
    ({ Action, Resource, Condition }) =>
      Action.some((action) => action === request.action) &&
      Resource.includes(request.resource) &&
      meets(Condition, request),
  );
}

function meets(condition: Statement['Condition'], { leadingKeys: keys, userId }: AccessRequest): boolean {
  const permitted = condition['ForAllValues:StringEquals']?.[leadingKeys].map((pattern) =>
    pattern.replaceAll(userIdVariable, userId),
  );
  // "ForAllValues" holds for a request without any such key, which is what "Null" is there to exclude.
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
  if (permitted !== undefined && !keys.every((key) => permitted.includes(key))) return false;
  return condition.Null === undefined || keys.length > 0;
}
