/** Sentences, and the words that none of ours should open with. */
import type { Paragraph } from './markdown.ts';

/** A sentence ends at `.`, `!` or `?` before a blank and a capital, or before code. */
const end = /(?<=[.!?]["”)]?)\s+(?=["“(]?(?:\p{Lu}|code\b))/u;

/** The sentences, each with the line of its paragraph. */
export const sentencesIn = (paragraphs: readonly Paragraph[]): Paragraph[] =>
  paragraphs.flatMap(({ line, text }) =>
    text
      .split(end)
      .map((sentence) => ({ line, text: sentence.trim() }))
      .filter((sentence) => /\p{L}/u.test(sentence.text)),
  );

const openers = /^["“(*]*(what|who|whoever|whatever|whom|whose|nobody|nothing|none)\b/i;

/** Whether a sentence hides its actor behind its first word. */
export const opensBadly = (sentence: string): boolean => openers.test(sentence);
