import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Stack } from './stack.ts';

/** An image that Docker builds for the stack. */
export interface DockerAsset {
  /** The image of a container definition. */
  readonly uri: string;
  /** The name of the first container that runs it. */
  readonly name: string;
  /** The build context. */
  readonly directory: string;
  /** The Dockerfile's path in it. */
  readonly dockerFile: string;
  readonly buildArguments: Readonly<Record<string, string>>;
  /** The platform that the stack asks for: `linux/arm64`. */
  readonly platform?: string;
}

const source = v.object({
  directory: v.string(),
  dockerFile: v.optional(v.string(), 'Dockerfile'),
  dockerBuildArgs: v.optional(v.record(v.string(), v.string()), {}),
  platform: v.optional(v.string()),
});
const assetsSchema = v.object({ dockerImages: v.optional(v.record(v.string(), v.object({ source })), {}) });

/** The images of the stack's containers that its assembly in `directory` builds. The others come ready from a registry. */
export function dockerAssets(
  directory: string,
  stackName: string,
  stack: Pick<Stack, 'taskDefinitions'>,
): DockerAsset[] {
  const manifest: unknown = JSON.parse(readFileSync(join(directory, `${stackName}.assets.json`), 'utf8'));
  const { dockerImages } = v.parse(assetsSchema, manifest);
  const containers = stack.taskDefinitions.flatMap(({ containerDefinitions }) => containerDefinitions);
  const nameByImage = new Map(containers.toReversed().map(({ image, name }) => [image, name]));
  return [...nameByImage].toReversed().flatMap(([uri, name]) => {
    const [, asset] = Object.entries(dockerImages).find(([hash]) => uri.endsWith(`:${hash}`)) ?? [];
    if (asset === undefined) return [];
    const { dockerFile, dockerBuildArgs, platform } = asset.source;
    return {
      uri,
      name,
      directory: join(directory, asset.source.directory),
      dockerFile,
      buildArguments: dockerBuildArgs,
      ...(platform !== undefined && { platform }),
    };
  });
}
