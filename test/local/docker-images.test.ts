import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { dockerAssets } from '../../local/cloudformation/docker-assets.ts';
import type { Stack } from '../../local/cloudformation/stack.ts';
import { buildImages } from '../../local/fargate/docker/images.ts';
import { type ScriptedDocker, scriptDocker } from '../support/scripted-docker.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

let folder: string;

beforeEach(async () => {
  const temporary = await makeTemporaryFolder('docker images');
  folder = temporary.path;
  onTestFinished(() => temporary.remove());
});

const asset = {
  uri: 'registry/assets:abc',
  name: 'ssh',
  directory: '/asset.abc',
  dockerFile: 'ssh/Dockerfile',
  buildArguments: { KIND: 'ssh', BASE_IMAGE: 'of-the-stack' },
  platform: 'linux/arm64',
};

async function build(docker: ScriptedDocker, processor = 'amd64') {
  await writeFile(join(folder, 'ssh.image'), 'sha256:1\n');
  const steps: string[] = [];
  const images = await buildImages([asset], {
    docker,
    processor,
    buildArguments: { BASE_IMAGE: 'mine', PACKAGE_URL: 'https://signed' },
    folder,
    signal: new AbortController().signal,
    show: (name, work) => {
      steps.push(name);
      return work;
    },
  });
  return { images, steps };
}

describe('an image', () => {
  it('is built as the stack says, with the arguments of the run, and is known by its id', async () => {
    const docker = scriptDocker(() => '');
    expect(await build(docker)).toMatchObject({ images: { 'registry/assets:abc': 'sha256:1' } });
    const names = '--build-arg KIND --build-arg BASE_IMAGE --build-arg PACKAGE_URL';
    expect(docker.commands).toEqual([
      `build --file /asset.abc/ssh/Dockerfile --iidfile ${join(folder, 'ssh.image')} --tag bastion-ssh ${names} /asset.abc`,
    ]);
    expect(docker.environments).toEqual([{ KIND: 'ssh', BASE_IMAGE: 'mine', PACKAGE_URL: 'https://signed' }]);
  });

  it.each([
    ['arm64', 'building the ssh image'],
    ['amd64', "building the ssh image for amd64, where Fargate's is for arm64"],
  ])('for a machine of %s is announced as %j', async (processor, step) => {
    expect(
      (
        await build(
          scriptDocker(() => ''),
          processor,
        )
      ).steps,
    ).toEqual([step]);
  });

  it("that can't be built ends the start with Docker's last lines", async () => {
    const output = [...Array(20).keys()].map((number) => `\u001b[91mline ${number}\u001b[0m\n`).join('\n');
    const building = build(scriptDocker(() => new Error(output)));
    await expect(building).rejects.toThrow(/^The ssh image could not be built: docker build ended with 1\./);
    await expect(building).rejects.toThrow(/:\n {2}line 8\n( {2}line \d+\n){10} {2}line 19\nIf it got no base image/);
  });
});

describe('the Docker assets of a stack', () => {
  const stackOf = (...images: [string, string][]): Pick<Stack, 'taskDefinitions'> => ({
    taskDefinitions: [{ family: 'f', containerDefinitions: images.map(([name, image]) => ({ name, image })) }],
  });

  it('are named for the first container that runs each, and leave ready images out', async () => {
    const source = { directory: 'asset.abc', dockerFile: 'ssh/Dockerfile', platform: 'linux/arm64' };
    const dockerImages = { abc: { source: { ...source, dockerBuildArgs: { KIND: 'ssh' } } }, unused: { source } };
    await writeFile(join(folder, 'Mine.assets.json'), JSON.stringify({ dockerImages }));
    const stack = stackOf(['ssh', 'registry/assets:abc'], ['ready', 'registry/assets:abc'], ['ssm', 'docker.io/ssm:1']);
    expect(dockerAssets(folder, 'Mine', stack)).toEqual([
      { ...asset, directory: join(folder, 'asset.abc'), buildArguments: { KIND: 'ssh' } },
    ]);
  });

  it("have Docker's defaults", async () => {
    await writeFile(
      join(folder, 'Mine.assets.json'),
      JSON.stringify({ dockerImages: { abc: { source: { directory: 'asset.abc' } } } }),
    );
    expect(dockerAssets(folder, 'Mine', stackOf(['ssh', 'x:abc']))).toEqual([
      { uri: 'x:abc', name: 'ssh', directory: join(folder, 'asset.abc'), dockerFile: 'Dockerfile', buildArguments: {} },
    ]);
  });
});
