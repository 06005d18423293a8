import { AwsError } from '../wire.ts';

/** The request breaks a rule of DynamoDB. */
export function invalid(message: string): AwsError {
  return new AwsError('com.amazon.coral.validate#ValidationException', message);
}

/** The request has a part of an expression that DynamoDB has and this account has not. No service of AWS has this code. */
export function notEmulated(part: string): AwsError {
  return new AwsError('NotEmulated', `The emulated DynamoDB has no ${part}.`);
}

/** A member of the request has the wrong type. */
export function notSerializable(message: string): AwsError {
  return new AwsError('com.amazon.coral.service#SerializationException', message);
}

export function conditionFailed(): AwsError {
  const code = 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException';
  return new AwsError(code, 'The conditional request failed');
}

export function tableNotFound(detail = ''): AwsError {
  const code = 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException';
  return new AwsError(code, `Requested resource not found${detail}`);
}

export function tableExists(tableName: string): AwsError {
  const code = 'com.amazonaws.dynamodb.v20120810#ResourceInUseException';
  return new AwsError(code, `Table already exists: ${tableName}`);
}
