/** The compressed sizes of the images that `npm start -- --containers docker` and `npm run test:images` have built here. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { agentKinds } from '../contracts/agent.ts';
import { askDocker, dockerCli } from '../local/fargate/docker/cli.ts';
import { columns } from './figures.ts';

const goalMb = 16;
const buildHint = 'npm start -- --containers docker builds them';

/** Returns the table of the images, or a sentence that says why there is none. */
export async function images(): Promise<string> {
  try {
    const processor = await askDocker(dockerCli);
    const rows = [];
    for (const kind of agentKinds) {
      const bytes = await gzipBytes(`bastion-${kind}`);
      const size = bytes === undefined ? `not built; ${buildHint}` : (bytes / 1e6).toFixed(1);
      rows.push([kind, size, kind === 'ssh' ? `<= ${goalMb}` : '']);
    }
    return `Images for ${processor}, compressed by gzip (MB)\n\n${columns([['', 'size', 'goal'], ...rows])}`;
  } catch (error) {
    return `Images: not measured. ${error instanceof Error ? error.message : error}\n`;
  }
}

/** Returns the size of an image as `docker save` and gzip write it. Undefined when this machine has no such image. */
async function gzipBytes(image: string): Promise<number | undefined> {
  const docker = spawn('docker', ['save', image], { stdio: ['ignore', 'pipe', 'ignore'] });
  let bytes = 0;
  const counter = new Writable({
    write(chunk: Buffer, _, done) {
      bytes += chunk.length;
      done();
    },
  });
  const exit = once(docker, 'exit');
  await pipeline(docker.stdout, createGzip(), counter);
  const [code] = await exit;
  return code === 0 ? bytes : undefined;
}
