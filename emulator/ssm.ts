import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { arn, type Context } from './context.ts';
import { notEmulated, type Operations, operationMaker } from './operation.ts';
import { AwsError } from './wire.ts';

interface Parameter {
  readonly value: string;
  readonly type: string;
  readonly version: number;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
}

/** The name of a parameter. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html */
const parameterName = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(1011),
  v.regex(/^[a-zA-Z0-9_.\-/:]+$/, 'Parameter name: only a mix of letters, numbers and the symbols .-_/ is allowed'),
);

const getParameterInput = v.object({ Name: parameterName, WithDecryption: v.optional(v.boolean(), false) });

const putParameterInput = v.object({
  Name: parameterName,
  Value: v.pipe(v.string(), v.minLength(1), v.maxLength(4096)),
  Type: v.optional(v.picklist(['String', 'StringList', 'SecureString']), 'String'),
  Overwrite: v.optional(v.boolean(), false),
});

/** What a caller sees of a secure value without its key. */
const ciphertextOf = ({ value, version }: Parameter): string =>
  createHash('sha256').update(`${version} ${value}`).digest('base64');

/** Makes SSM Parameter Store in the standard tier. It keeps the latest version of each parameter. */
export function createSsm(context: Context): { readonly operations: Operations } {
  const parameters = new Map<string, Parameter>();
  const operation = operationMaker('ValidationException');
  const arnOf = (name: string) => arn(context, 'ssm', `parameter/${name.replace(/^\//, '')}`);

  function find(name: string): Parameter {
    const parameter = parameters.get(name);
    if (parameter === undefined) throw new AwsError('ParameterNotFound', '');
    return parameter;
  }

  const operations: Operations = {
    GetParameter: operation(getParameterInput, ({ Name, WithDecryption }) => {
      const name = Name.replace(/^arn:.*:parameter/, '');
      if (name.includes(':')) throw notEmulated(`version or label behind the name of a parameter: ${name}`);
      const parameter = find(name);
      const { type, version, modifiedAt } = parameter;
      const value = type === 'SecureString' && !WithDecryption ? ciphertextOf(parameter) : parameter.value;
      return {
        Parameter: {
          Name: name,
          Type: type,
          Value: value,
          Version: version,
          LastModifiedDate: modifiedAt / 1000,
          ARN: arnOf(name),
          DataType: 'text',
        },
      };
    }),

    /** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameter.html */
    DeleteParameter: operation(v.object({ Name: parameterName }), ({ Name }) => {
      find(Name);
      parameters.delete(Name);
      return {};
    }),

    PutParameter: operation(putParameterInput, ({ Name, Value, Type, Overwrite }) => {
      const existingParameter = parameters.get(Name);
      if (existingParameter !== undefined && !Overwrite) {
        throw new AwsError(
          'ParameterAlreadyExists',
          'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
        );
      }
      const version = (existingParameter?.version ?? 0) + 1;
      parameters.set(Name, { value: Value, type: Type, version, modifiedAt: context.clock.now() });
      return { Version: version, Tier: 'Standard' };
    }),
  };
  return { operations };
}
