/** The commands that a newcomer runs first, in one shell. `npm run test:local` runs those of all pages in all shells. */
import { localBlocksSuite } from './local-blocks.ts';
import { shellsHere } from './shells.ts';

await localBlocksSuite(['README.md', 'docs/api.md'], shellsHere.slice(0, 1));
