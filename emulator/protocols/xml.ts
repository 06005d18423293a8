const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export const xmlDeclaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** Writes an element as EC2 does. A list becomes `<item>` elements, and undefined an empty text. */
export function xml(name: string, value: unknown): string {
  if (value === undefined) return '';
  return `<${name}>${xmlContent(value)}</${name}>`;
}

/** Writes the content of an element. */
export function xmlContent(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => xml('item', item)).join('');
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([name, member]) => xml(name, member))
      .join('');
  }
  return String(value).replaceAll(/[&<>"]/g, (character) => entities[character] ?? character);
}
