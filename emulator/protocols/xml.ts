const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export const xmlDeclaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** Returns an element in EC2's form. A list becomes `<item>` elements, and undefined becomes no element. */
export function xml(name: string, value: unknown): string {
  if (value === undefined) return '';
  return `<${name}>${xmlContent(value)}</${name}>`;
}

/** Returns the content of an element, escaped. */
export function xmlContent(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => xml('item', item)).join('');
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([name, member]) => xml(name, member))
      .join('');
  }
  return String(value).replaceAll(/[&<>"]/g, (character) => entities[character] ?? character);
}
