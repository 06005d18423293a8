/** The bodies of the webhooks in the OpenAPI document. `lambdas/http/webhooks/dialects.ts` tells their forms apart by their fields. */

/** A value holds no control characters, because it becomes an environment variable. */
const text = { type: 'string', maxLength: 2048, pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]*$' };
const value = { ...text, minLength: 1 };
const url = { allOf: [value, { pattern: '^https://[\\w.-]+(:\\d+)?(/\\S*)?$' }] };

interface Form {
  readonly required: readonly string[];
  /** Fields of another form, whose rules would hold then. */
  readonly without?: readonly string[];
  /** Fields that are more or less than a value. */
  readonly properties?: Readonly<Record<string, object>>;
}

const form = ({ required, without = [], properties }: Form) => ({
  type: 'object',
  required,
  properties: { ...Object.fromEntries(required.map((name) => [name, value])), ...properties },
  ...(without.length > 0 && { not: { anyOf: without.map((name) => ({ required: [name] })) } }),
});

const activation = ['activationId', 'activationRegion', 'activationCode'];
const organization = ['orgId', 'orgProvider'];

export const startTargetBody = {
  anyOf: [
    form({ required: activation, without: ['activationToken', ...organization] }),
    form({ required: [...activation, ...organization], without: ['activationToken'] }),
    form({ required: ['activationToken', 'environmentId'], without: ['serviceUrl'] }),
    form({ required: ['activationToken', 'serviceUrl'], properties: { serviceUrl: url, environmentId: text } }),
  ],
};

/** The id of a target, under the name that its form of `/start` has for it. */
export const targetId = { anyOf: [form({ required: ['containerId'] }), form({ required: ['uniqueId'] })] };
