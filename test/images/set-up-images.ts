/**
 * Builds the image of every kind of agent, from a base image and a package with stand-ins for the vendors' agents. The runs of the
 * tests then find them in Docker's cache, where simultaneous ones would each build them.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { dockerAssets } from '../../local/cloudformation/docker-assets.ts';
import { readStack } from '../../local/cloudformation/stack.ts';
import { askDocker, dockerCli } from '../../local/fargate/docker/cli.ts';
import { buildImages } from '../../local/fargate/docker/images.ts';
import { Steps } from '../../local/steps.ts';
import { place } from '../least-privilege/roles.ts';
import { withAssembly } from '../support/with-assembly.ts';
import { standInPackage } from './stand-in-package.ts';

/** The image that base-image.sh makes. */
const baseImage = 'bastion-base:trixie';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await promisify(execFile)(join(import.meta.dirname, 'base-image.sh'));
  const server = await serve(await standInPackage(), await machineIp());
  const buildArguments = { BASE_IMAGE: baseImage, PACKAGE_URL: server.url };
  await build(buildArguments);
  project.provide('containers', 'docker');
  project.provide('buildArguments', buildArguments);
  return server.close;
}

async function build(buildArguments: Readonly<Record<string, string>>): Promise<void> {
  await withAssembly(async (folder) => {
    const assets = dockerAssets(folder, place.stackName, readStack(folder, place));
    const steps = new Steps(
      (text) => process.stdout.write(text),
      (_, text) => text,
    );
    await buildImages(assets, {
      docker: dockerCli,
      processor: await askDocker(dockerCli),
      buildArguments,
      folder,
      signal: new AbortController().signal,
      show: (name, work, startMs) => steps.show(name, work, startMs),
    });
  });
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
