import { createServer } from 'node:net';
import { DescribeSecurityGroupsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient, ListTasksCommand } from '@aws-sdk/client-ecs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAws } from '../../../emulator/aws.ts';
import { realClock } from '../../../emulator/clock.ts';
import { seededRandom } from '../../../emulator/random.ts';
import { serveAws } from '../../../emulator/server.ts';
import { AwsError } from '../../../emulator/wire.ts';
import { lambdaRuntime } from '../../../lambdas/runtime.ts';
import { ScriptedContainers } from '../../support/scripted-containers.ts';

/** Serves an AWS over HTTP that throttles the first call. */
async function throttling(error: AwsError) {
  let calls = 0;
  const aws = createAws({
    clock: realClock,
    containerHost: new ScriptedContainers(realClock),
    random: seededRandom(1),
    delays: {},
    onCall: async (_, proceed) => {
      if (calls++ === 0) throw error;
      return proceed();
    },
  });
  aws.ecs.registerCluster('bastions');
  const server = await serveAws(aws, { port: 0 });
  onTestFinished(async () => {
    await server.close();
    await aws.close();
  });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'not-checked' };
  const config = { ...lambdaRuntime('start').sdk, endpoint: server.url, region: aws.region, credentials };
  return { config, calls: () => calls };
}

/** Serves an AWS that takes every connection and answers none. @returns its endpoint */
async function silent() {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error(`Got ${address}, expected a port.`);
  return `http://127.0.0.1:${address.port}`;
}

describe('the clients of a deployed function', () => {
  it('give up a call that AWS does not answer', async () => {
    const { sdk } = lambdaRuntime('start');
    const sooner = { requestHandler: Object.assign({}, sdk.requestHandler, { requestTimeout: 50 }) };
    const credentials = { accessKeyId: 'test', secretAccessKey: 'not-checked' };
    const config = { ...sdk, ...sooner, endpoint: await silent(), region: 'us-east-1', credentials };
    const answer = new ECSClient(config).send(new ListTasksCommand({ cluster: 'bastions' }));
    await expect(answer).rejects.toMatchObject({ name: 'TimeoutError', $metadata: { attempts: 3 } });
  });

  it('try EC2 again, and slow down, when it throttles them', async () => {
    const { config, calls } = await throttling(new AwsError('RequestLimitExceeded', 'Request limit exceeded.', 503));
    const ec2 = new EC2Client(config);
    expect((await ec2.send(new DescribeSecurityGroupsCommand())).$metadata.attempts).toBe(2);
    expect(calls()).toBe(2);
    expect(await ec2.config.retryStrategy()).toMatchObject({ mode: 'adaptive' });
  });

  it('try ECS again, and slow down, when it throttles them', async () => {
    const { config, calls } = await throttling(new AwsError('ThrottlingException', 'Rate exceeded'));
    const ecs = new ECSClient(config);
    expect((await ecs.send(new ListTasksCommand({ cluster: 'bastions' }))).$metadata.attempts).toBe(2);
    expect(calls()).toBe(2);
    expect(await ecs.config.retryStrategy()).toMatchObject({ mode: 'adaptive' });
  });
});
