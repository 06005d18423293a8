/** The images of a stack, built by Docker for the processor of this machine. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { DockerAsset } from '../../cloudformation/docker-assets.ts';
import type { Steps } from '../../steps.ts';
import { namedValues } from './arguments.ts';
import type { Docker } from './cli.ts';

export interface ImageBuilds {
  readonly docker: Docker;
  /** The processor of Docker's machine, in Docker's words: `amd64`. */
  readonly processor: string;
  /** Arguments of every Dockerfile. They win over those of the stack. */
  readonly buildArguments: Readonly<Record<string, string>>;
  /** A folder for the ids of the images. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly show: Steps['show'];
}

/** The number of Docker's lines in the error of a failed build. */
const linesInError = 12;

/** Builds the images one after the other, so that they share Docker's cache. @returns Docker's id of each, by its URI */
export async function buildImages(
  assets: readonly DockerAsset[],
  builds: ImageBuilds,
): Promise<Record<string, string>> {
  const ids: Record<string, string> = {};
  for (const asset of assets) ids[asset.uri] = await builds.show(stepName(asset, builds), build(asset, builds));
  return ids;
}

function stepName({ name, platform }: DockerAsset, { processor }: ImageBuilds): string {
  const fargateProcessor = platform?.split('/')[1] ?? processor;
  const difference =
    fargateProcessor === processor ? '' : ` for ${processor}, where Fargate's is for ${fargateProcessor}`;
  return `building the ${name} image${difference}`;
}

async function build(asset: DockerAsset, { docker, buildArguments, folder, signal }: ImageBuilds): Promise<string> {
  const { name, directory, dockerFile } = asset;
  const { args, environment } = namedValues('--build-arg', { ...asset.buildArguments, ...buildArguments });
  const idFile = join(folder, `${name}.image`);
  const lines: string[] = [];
  const building = docker.follow(
    [
      'build',
      '--file',
      join(directory, dockerFile),
      '--iidfile',
      idFile,
      '--tag',
      `bastion-${name}`,
      ...args,
      directory,
    ],
    (line) => {
      const plain = stripVTControlCharacters(line).trimEnd();
      if (plain !== '') lines.push(plain);
      if (lines.length > linesInError) lines.shift();
    },
    { environment, signal },
  );
  const code = await building.ended;
  if (code === 0) return (await readFile(idFile, 'utf8')).trim();
  throw new Error(
    `The ${name} image could not be built: docker build ended with ${code}. Its last lines:\n${lines.map((line) => `  ${line}`).join('\n')}\n` +
      'If it got no base image, name one that Docker has: --build-arg BASE_IMAGE=debian:trixie-slim.',
  );
}
