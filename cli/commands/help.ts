/** The end of a help text: commands to copy, each with its purpose. */
export function examples(lines: readonly (readonly [command: string, purpose: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  const rows = lines.map(([command, purpose]) => `  ${command.padEnd(width)}  # ${purpose}`);
  return `\nExamples:\n${rows.join('\n')}`;
}
