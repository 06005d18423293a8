/** A safety measure of the design, and the smallest change of the code that takes it away. */
export interface Measure {
  readonly name: string;
  readonly edits: readonly Edit[];
}

export interface Edit {
  /** Path from the project's root. */
  readonly file: string;
  /** Text that the file holds exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** @param source the text of the edit's file. Throws unless it holds `find` exactly once. */
export function applyEdit(source: string, { file, find, replace }: Edit): string {
  const count = source.split(find).length - 1;
  if (count !== 1)
    throw new Error(`Got ${count} times "${find}" in ${file}, expected it once. Adapt the measure's edit.`);
  return source.replace(find, () => replace);
}

/** Applies all edits of a measure. @param read returns the text of a file @returns the changed files with their new text */
export function applyEdits({ edits }: Measure, read: (file: string) => string): ReadonlyMap<string, string> {
  const changed = new Map<string, string>();
  for (const edit of edits) changed.set(edit.file, applyEdit(changed.get(edit.file) ?? read(edit.file), edit));
  return changed;
}
