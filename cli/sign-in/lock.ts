/** Work that one process at a time does. */
import { closeSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { hasCode, makeFolder, removeFile, withAdvice } from '../state/files.ts';

/** The work ends within this time, so an older lock is that of a process that was killed. */
const mostMs = 20_000;
const pauseMs = 50;

/** @param file exists while the work is done */
export async function underLock<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  makeFolder(dirname(file));
  while (!take(file)) {
    if (isOld(file)) removeFile(file);
    else await pause(pauseMs);
  }
  try {
    return await work();
  } finally {
    removeFile(file);
  }
}

function take(file: string): boolean {
  try {
    closeSync(openSync(file, 'wx', 0o600));
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw withAdvice(error, file);
  }
}

/** A time in the future is that of a clock that was set back. */
function isOld(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  return found !== undefined && Math.abs(Date.now() - found.mtimeMs) > mostMs;
}
