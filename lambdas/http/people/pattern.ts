/** True for a text that a pattern matches, in which `*` stands for anything but `/`. */
export function matches(pattern: string, text: string): boolean {
  const literals = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literals.join('[^/]*')}$`).test(text);
}
