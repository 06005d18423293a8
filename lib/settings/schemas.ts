/** Schemas that the rules of several props share. */
import { Token } from 'aws-cdk-lib';
import * as v from 'valibot';

export const text = (pattern: RegExp, expected: string) => v.pipe(v.string(expected), v.regex(pattern, expected));

/** Also a token, whose value CloudFormation knows later. */
export const reference = (pattern: RegExp, expected: string) =>
  v.pipe(
    v.string(expected),
    v.check((value) => Token.isUnresolved(value) || pattern.test(value), expected),
  );

export const listOf = (pattern: RegExp, expected: string) => v.array(reference(pattern, expected), expected);
