/** Every page's transcripts and commands of the local run, in every shell. */
import { documents } from './documents.ts';
import { localBlocksSuite } from './local-blocks.ts';
import { shellsHere } from './shells.ts';

await localBlocksSuite(documents, shellsHere);
