/** Makes what the images are built from: a base image, and a package with stand-ins for the vendors' agents. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { dockerCli } from '../../local/fargate/docker/cli.ts';
import { standInPackage } from './stand-in-package.ts';

/** The image that base-image.sh makes. */
const baseImage = 'bastion-base:trixie';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await promisify(execFile)(join(import.meta.dirname, 'base-image.sh'));
  const server = await serve(await standInPackage(), await machineIp());
  project.provide('containers', 'docker');
  project.provide('buildArguments', { BASE_IMAGE: baseImage, PACKAGE_URL: server.url });
  return server.close;
}

/** This machine's address on the network in which Docker builds: the way out of a container there. */
async function machineIp(): Promise<string> {
  const routes = await dockerCli.run(['run', '--rm', baseImage, 'cat', '/proc/net/route']);
  const [, gateway] = /^\S+\s+00000000\s+([0-9A-F]{8})\s/m.exec(routes) ?? [];
  if (gateway === undefined) throw new Error(`Got the routes ${routes}, expected one to 0.0.0.0.`);
  return [...Buffer.from(gateway, 'hex')].reverse().join('.'); // the kernel prints its own byte order
}

async function serve(body: Uint8Array, host: string) {
  const server = createServer((_, response) => response.end(body)).listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error(`Got ${address}, expected a port of ${host}.`);
  return {
    url: `http://${host}:${address.port}/stand-ins.deb`,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
