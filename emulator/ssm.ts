import * as v from 'valibot';
import { arn, type Context } from './context.ts';
import { type Operations, operationMaker } from './operation.ts';
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

const putParameterInput = v.object({
  Name: parameterName,
  Value: v.pipe(v.string(), v.minLength(1), v.maxLength(4096)),
  Type: v.optional(v.picklist(['String', 'StringList', 'SecureString']), 'String'),
  Overwrite: v.optional(v.boolean(), false),
});

/** Makes SSM Parameter Store in the standard tier. It keeps the latest version of each parameter. */
export function createSsm(context: Context): { readonly operations: Operations } {
  const parameters = new Map<string, Parameter>();
  const operation = operationMaker('ValidationException');
  const arnOf = (name: string) => arn(context, 'ssm', `parameter/${name.replace(/^\//, '')}`);

  const operations: Operations = {
    GetParameter: operation(v.object({ Name: parameterName }), ({ Name }) => {
      const name = Name.replace(/^arn:.*:parameter/, '');
      const parameter = parameters.get(name);
      if (parameter === undefined) throw new AwsError('ParameterNotFound', '');
      const { value, type, version, modifiedAt } = parameter;
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
