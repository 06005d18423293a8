import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Makes an empty folder for one test or program: `await using folder = await makeTemporaryFolder('keys')`. It is removed, with
 * all that it holds, when the scope ends or when `folder.remove()` is called.
 */
export const makeTemporaryFolder = (name: string) => mkdtempDisposable(join(tmpdir(), `${name}-`));
