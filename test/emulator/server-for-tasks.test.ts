/** A server at which the containers of tasks find their account, on a network that they share with the people who log in. */
import { DescribeSecurityGroupsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { expect, onTestFinished, test } from 'vitest';
import { createAws } from '../../emulator/aws.ts';
import { realClock } from '../../emulator/clock.ts';
import { serveAws } from '../../emulator/server.ts';
import { ScriptedContainers } from '../support/scripted-containers.ts';

async function serveTasks(isTask: (clientIp: string) => boolean) {
  const aws = createAws({ clock: realClock, containerHost: new ScriptedContainers(realClock) });
  const server = await serveAws(aws, { port: 0, isTask });
  onTestFinished(async () => {
    await server.close();
    await aws.close();
  });
  return { aws, server };
}

test('a server for tasks serves no other client', async () => {
  const { server } = await serveTasks(() => false);
  await expect(fetch(server.url)).rejects.toThrow('fetch failed');
});

test('a server for tasks refuses a request that no task has signed', async () => {
  const { server } = await serveTasks((clientIp) => clientIp === '127.0.0.1');
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new EC2Client({ endpoint: server.url, region: 'us-east-1', credentials });
  await expect(client.send(new DescribeSecurityGroupsCommand({}))).rejects.toMatchObject({
    name: 'UnrecognizedClientException',
  });
  client.destroy();
});

test('the next tasks find the account at the server that was opened last', async () => {
  const { aws, server } = await serveTasks(() => true);
  expect(aws.endpoint).toBe(server.url);
});
