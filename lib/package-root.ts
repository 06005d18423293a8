import { fileURLToPath } from 'node:url';

/** Root of the checkout or of the published package. `lib` is a folder in both, and the published library is one file in it. */
export const packageRoot = fileURLToPath(new URL('..', import.meta.url));
