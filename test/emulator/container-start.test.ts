import { expect, test } from 'vitest';
import type { ContainerStart, RuntimeProperties } from '../../emulator/container-host.ts';
import { withGroup } from './emulated.ts';

test('the container host gets the user, the rights and the limits of a container, and the size of its task', async () => {
  const starts: ContainerStart[] = [];
  const { aws, clock, run } = await withGroup({
    containerHost: {
      attach: async () => ({ publicIp: '198.18.0.1' }),
      async start(start) {
        starts.push(start);
        return { exited: new Promise(() => {}), kill: () => {} };
      },
      detach: async () => {},
    },
  });
  const properties: Required<RuntimeProperties> = {
    user: 'bastion',
    readonlyRootFilesystem: true,
    linuxParameters: { capabilities: { drop: ['ALL'] }, initProcessEnabled: true },
    ulimits: [{ name: 'nofile', softLimit: 1, hardLimit: 2 }],
    systemControls: [{ namespace: 'net.a', value: '0' }],
  };
  const container = { name: 'one', image: 'one:1', entryPoint: ['/one'], command: ['of the definition'] };
  const { arn } = aws.ecs.registerTaskDefinition({
    family: 'limited',
    cpu: '256',
    memory: '512',
    containerDefinitions: [{ ...container, ...properties, essential: true, stopTimeout: 3 }],
  });
  const task = await run({
    taskDefinition: arn,
    overrides: { containerOverrides: [{ name: 'one', command: ['of the override'] }] },
  });
  await clock.advance(5000);
  expect(starts).toEqual([
    {
      ...container,
      ...properties,
      taskId: task.split('/').at(-1),
      command: ['of the override'],
      environment: expect.objectContaining({ AWS_REGION: 'us-east-1' }),
      cpu: '256',
      memory: '512',
    },
  ]);
});
