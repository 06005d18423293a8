/** Errors of the operating system in words. Its own words say nothing to do, and seldom name the file. */

const elsewhere = "XDG_STATE_HOME and XDG_CONFIG_HOME move the command's own files.";

const advice: Readonly<Record<string, string>> = {
  ENOSPC: 'Make room on its disk.',
  EDQUOT: 'Make room: your quota is used up.',
  EROFS: `Make its disk writable. ${elsewhere}`,
  EACCES: `Give yourself access to it. ${elsewhere}`,
  EPERM: `Give yourself access to it. ${elsewhere}`,
  ENOENT: `Check its path. ${elsewhere}`,
  EISDIR: 'Remove or rename the folder that is there.',
  ENOTDIR: 'Remove or rename the file that is where a folder should be.',
  ELOOP: 'Correct the link that is there.',
  EMFILE: 'End other programs, or raise the limit that "ulimit -n" shows.',
  ENFILE: 'End other programs, which have too many files open.',
  EAGAIN: 'End other programs, or raise the limit that "ulimit -u" shows.',
  ENOMEM: 'End other programs, which take the memory.',
};

/** The remedy for an error of the system, if there is one. */
export function systemAdvice(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? advice[String(error.code)] : undefined;
}

/** @param path the file that the error is about. Default: the one that the error names, or else standard output */
export function systemSentence(error: Error, path = pathOf(error)): string | undefined {
  const remedy = systemAdvice(error);
  return remedy === undefined ? undefined : `${path} cannot be used (${error.message}). ${remedy}`;
}

function pathOf(error: Error): string {
  if ('path' in error && typeof error.path === 'string') return error.path;
  return 'syscall' in error && error.syscall === 'write' ? 'Standard output' : 'A file';
}
