import { randomInt } from 'node:crypto';
import * as v from 'valibot';

const flag = v.optional(v.boolean(), false);

/**
 * The properties of a secret that Secrets Manager generates.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-secretsmanager-secret-generatesecretstring.html
 */
export const secretRecipe = v.strictObject({
  SecretStringTemplate: v.optional(v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown()))),
  GenerateStringKey: v.optional(v.string()),
  PasswordLength: v.optional(v.pipe(v.number(), v.integer(), v.minValue(4), v.maxValue(4096)), 32),
  ExcludeCharacters: v.optional(v.string(), ''),
  ExcludeLowercase: flag,
  ExcludeUppercase: flag,
  ExcludeNumbers: flag,
  ExcludePunctuation: flag,
  IncludeSpace: flag,
  RequireEachIncludedType: v.optional(v.boolean(), true),
});

export type SecretRecipe = v.InferOutput<typeof secretRecipe>;

/** Generates a secret as Secrets Manager does. Throws when the recipe excludes every character. */
export function generateSecret(recipe: SecretRecipe): string {
  const { SecretStringTemplate, GenerateStringKey } = recipe;
  const password = generatePassword(recipe);
  if (SecretStringTemplate === undefined || GenerateStringKey === undefined) return password;
  return JSON.stringify({ ...SecretStringTemplate, [GenerateStringKey]: password });
}

function generatePassword(recipe: SecretRecipe): string {
  const types = [
    recipe.ExcludeLowercase ? '' : 'abcdefghijklmnopqrstuvwxyz',
    recipe.ExcludeUppercase ? '' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    recipe.ExcludeNumbers ? '' : '0123456789',
    recipe.ExcludePunctuation ? '' : '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
    recipe.IncludeSpace ? ' ' : '',
  ]
    .map((type) => [...type].filter((character) => !recipe.ExcludeCharacters.includes(character)))
    .filter((type) => type.length > 0);
  const alphabet = types.flat();
  if (alphabet.length === 0) throw new Error('A generated secret excludes every character; leave some to choose from.');
  // A new password until every type is in it keeps all valid passwords equally likely.
  for (;;) {
    const password = Array.from({ length: recipe.PasswordLength }, () => alphabet[randomInt(alphabet.length)]);
    const holds = (type: readonly string[]) => password.some((character) => type.includes(character ?? ''));
    if (!recipe.RequireEachIncludedType || types.every(holds)) return password.join('');
  }
}
