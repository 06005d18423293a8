const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export const xmlDeclaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** Returns the name of the elements in a list, by the name of the list. */
export type ItemName = (list: string) => string;

/** EC2's form of lists. */
const item: ItemName = () => 'item';

/** Returns an element. Each element of a list gets its name from `itemName`. Undefined becomes no element. */
export function xml(name: string, value: unknown, itemName: ItemName = item): string {
  if (value === undefined) return '';
  const content = Array.isArray(value)
    ? value.map((one) => xml(itemName(name), one, itemName)).join('')
    : xmlContent(value, itemName);
  return `<${name}>${content}</${name}>`;
}

/** Returns the content of an element that is no list, escaped. */
export function xmlContent(value: unknown, itemName: ItemName = item): string {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([name, member]) => xml(name, member, itemName))
      .join('');
  }
  return String(value).replaceAll(/[&<>"]/g, (character) => entities[character] ?? character);
}
