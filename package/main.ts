/** `npm run pack` makes the tarball that `npm install` and `npm publish` take, and prints its path and size. */
import { pack } from './pack.ts';

const { file, size, unpackedSize, entryCount } = await pack();
const kilobytes = (bytes: number) => `${Math.round(bytes / 1000)} kB`;
console.log(`${file}: ${kilobytes(size)}, ${kilobytes(unpackedSize)} unpacked, ${entryCount} files`);
