/**
 * `npm run bench` measures the project's speed and sizes on this machine, and prints each figure beside its goal. It neither
 * passes nor fails.
 */
import { Closers } from '../local/closers.ts';
import { answerDelay } from './answer-delay.ts';
import { bundles } from './bundles.ts';
import { command } from './command.ts';
import { images } from './images.ts';
import { npmStart } from './npm-start.ts';
import { pooledStarts } from './pooled-starts.ts';
import { startPath } from './start-path.ts';
import { measureStarts } from './starts.ts';
import { tunnels } from './tunnels.ts';

async function main(closers: Closers): Promise<void> {
  const starts = await measureStarts(20, closers);
  console.log(startPath(starts));
  console.log(answerDelay(starts.warm));
  console.log(await pooledStarts(20, closers));
  console.log(await bundles(11, closers));
  console.log(await images());
  console.log(await npmStart(3, closers));
  console.log(await command(21, closers));
  console.log(await tunnels(3, closers));
}

const closers = new Closers();
closers.closeOnSignal();
try {
  await main(closers);
} finally {
  await closers.close();
}
