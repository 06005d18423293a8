import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Stack } from './stack.ts';

const assetsSchema = v.object({
  dockerImages: v.optional(v.record(v.string(), v.object({ source: v.object({ directory: v.string() }) })), {}),
});

/**
 * The folder that Docker would build each container image from, by image URI. Its files run here. Throws for an image that
 * the stack does not build itself.
 */
export function imageFolders(directory: string, stackName: string, stack: Stack): Record<string, string> {
  const manifest: unknown = JSON.parse(readFileSync(join(directory, `${stackName}.assets.json`), 'utf8'));
  const { dockerImages } = v.parse(assetsSchema, manifest);
  const images = stack.taskDefinitions.flatMap(({ containerDefinitions }) =>
    containerDefinitions.map(({ image }) => image),
  );
  return Object.fromEntries(
    images.map((image) => {
      const [, asset] = Object.entries(dockerImages).find(([hash]) => image.endsWith(`:${hash}`)) ?? [];
      if (asset) return [image, join(directory, asset.source.directory)];
      throw new Error(
        `The image ${image} is not built by this stack, so it can't run here. Leave the setting that names it out.`,
      );
    }),
  );
}
