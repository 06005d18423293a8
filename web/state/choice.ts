/** The way in which a person gave the last key. It is no secret, so this browser remembers it. */
import * as v from 'valibot';

const keyChoice = v.picklist(['pasted', 'made', 'stored']);
export type KeyChoice = v.InferOutput<typeof keyChoice>;

const choiceSchema = v.object({ choice: keyChoice, publicKey: v.pipe(v.string(), v.maxLength(8192)) });
export type Choice = v.InferOutput<typeof choiceSchema>;

const storageKey = 'bastion-key-choice';

export function readChoice(): Choice {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), choiceSchema), readText());
  return parsed.success ? parsed.output : { choice: 'pasted', publicKey: '' };
}

export function rememberChoice(choice: Choice): void {
  try {
    localStorage.setItem(storageKey, JSON.stringify(choice));
  } catch {
    // A browser that stores nothing asks again.
  }
}

function readText(): string | null {
  try {
    return localStorage.getItem(storageKey);
  } catch {
    return null;
  }
}
