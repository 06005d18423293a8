/**
 * Stands in for `docker` where the CDK builds and pushes images. moto has no registry, and `npm run test:images` builds the
 * images. This program checks what the CDK asks for, and puts into moto's ECR the name that the image would have.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { AwsClient } from 'aws4fetch';
import * as v from 'valibot';

const environment = v.parse(
  v.object({
    AWS_ENDPOINT_URL: v.pipe(v.string(), v.url()),
    AWS_REGION: v.string(),
    AWS_ACCESS_KEY_ID: v.string(),
    AWS_SECRET_ACCESS_KEY: v.string(),
    STAND_IN_DOCKER_IMAGES: v.string(),
  }),
  process.env,
);

const [command = '', ...args] = process.argv.slice(2);
switch (command) {
  case 'login':
    if ((await text(process.stdin)).trim() === '')
      throw new Error('docker login got no password on its standard input.');
    break;
  case 'inspect':
    process.exitCode = existsSync(fileOf(args[0])) ? 0 : 1;
    break;
  case 'build':
    build();
    break;
  case 'tag':
    writeFileSync(fileOf(args[1]), readFileSync(fileOf(args[0])));
    break;
  case 'push':
    await push(args[0] ?? '');
    break;
  default:
    throw new Error(`docker ${command} is not known here, expected login, inspect, build, tag or push.`);
}

/** The file that stands for an image in the store of this program. */
function fileOf(image = ''): string {
  mkdirSync(environment.STAND_IN_DOCKER_IMAGES, { recursive: true });
  return join(environment.STAND_IN_DOCKER_IMAGES, encodeURIComponent(image));
}

function build(): void {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      'build-arg': { type: 'string', multiple: true },
      tag: { type: 'string' },
      file: { type: 'string' },
      platform: { type: 'string' },
    },
  });
  const [context = ''] = positionals;
  const dockerfile = readFileSync(join(context, values.file ?? 'Dockerfile'), 'utf8');
  const image = { dockerfile, platform: values.platform, buildArguments: values['build-arg'] };
  writeFileSync(fileOf(values.tag), JSON.stringify(image));
}

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html */
async function push(image: string): Promise<void> {
  const [, repositoryName, imageTag] = /^[^/]+\/(.+):([^:]+)$/.exec(image) ?? [];
  const aws = new AwsClient({
    accessKeyId: environment.AWS_ACCESS_KEY_ID,
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY,
    service: 'ecr',
    region: environment.AWS_REGION,
  });
  const config = readFileSync(fileOf(image));
  const digest = `sha256:${createHash('sha256').update(config).digest('hex')}`;
  const imageManifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    config: { mediaType: 'application/vnd.docker.container.image.v1+json', size: config.length, digest },
    layers: [],
  });
  const { ok, status } = await aws.fetch(environment.AWS_ENDPOINT_URL, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.PutImage',
    },
    body: JSON.stringify({ repositoryName, imageTag, imageManifest }),
  });
  if (!ok) throw new Error(`ECR returned ${status} for the image ${image}, expected 200.`);
}
