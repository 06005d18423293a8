const invisible = /[^\x20-\x7e]/gu;

/** A received value for an error message: cut to `most` characters, with every character that a terminal may hide as its code point. */
export function shown(value: string, most = 40): string {
  const start = value.slice(0, most);
  const visible = start.replace(invisible, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
  return start === value ? visible : `${visible}…`;
}

export const hasInvisible = (value: string): boolean => value.search(invisible) >= 0;
