import * as v from 'valibot';
import { AwsError } from '../wire.ts';

/** The tags of a request. */
export const tagList = v.array(v.object({ Key: v.string(), Value: v.optional(v.string(), '') }));

/** The tags to remove. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTags.html */
export const tagRemoval = v.optional(v.array(v.object({ Key: v.string(), Value: v.optional(v.string()) })));

/**
 * Adds tags to `tags`. Throws an AwsError above 50 tags, for a key with the prefix `aws:`, for a key outside 1 to 128 characters, and
 * for a value above 256.
 */
export function setTags(tags: Map<string, string>, added: v.InferOutput<typeof tagList>): void {
  const reservedTag = added.find(({ Key }) => Key.toLowerCase().startsWith('aws:'));
  if (reservedTag !== undefined) {
    throw new AwsError(
      'InvalidParameterValue',
      `Tag keys starting with 'aws:' are reserved for internal use: ${reservedTag.Key}`,
    );
  }
  const invalidTag = added.find(({ Key, Value }) => Key.length < 1 || Key.length > 128 || Value.length > 256);
  if (invalidTag !== undefined) {
    throw new AwsError(
      'InvalidParameterValue',
      `Tag ${invalidTag.Key}: expected 1 to 128 characters of key and at most 256 of value`,
    );
  }
  const keys = new Set([...tags.keys(), ...added.map(({ Key }) => Key)]);
  if (keys.size > 50) throw new AwsError('TagLimitExceeded', `A resource has at most 50 tags, got ${keys.size}`);
  for (const { Key, Value } of added) tags.set(Key, Value);
}

/** Removes tags by their keys, or only where the value is this one too. Undefined removes all. */
export function removeTags(tags: Map<string, string>, removed: v.InferOutput<typeof tagRemoval>): void {
  if (removed === undefined) tags.clear();
  for (const { Key, Value } of removed ?? []) {
    if (Value === undefined || tags.get(Key) === Value) tags.delete(Key);
  }
}

/** Returns the tags as EC2 shows them. */
export function describeTags(tags: ReadonlyMap<string, string>): object[] {
  return [...tags].map(([key, value]) => ({ key, value }));
}
