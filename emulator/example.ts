import assert from 'node:assert/strict';
import { DescribeTasksCommand, ECSClient, RunTaskCommand } from '@aws-sdk/client-ecs';
import { createAws } from './aws.ts';
import { VirtualClock } from './clock.ts';
import type { ContainerHost } from './container-host.ts';
import { inProcess } from './in-process.ts';

const containerHost: ContainerHost = {
  attach: async () => ({ publicIp: '198.51.100.1' }),
  start: async () => {
    const { promise: exited, resolve } = Promise.withResolvers<number>();
    return { exited, kill: () => resolve(143) };
  },
  detach: async () => {},
};

const clock = new VirtualClock();
const aws = createAws({ clock, containerHost });
aws.ec2.addVpc({ vpcId: 'vpc-1', cidrBlock: '10.0.0.0/16' });
aws.ec2.addSubnet({ subnetId: 'subnet-1', vpcId: 'vpc-1', cidrBlock: '10.0.0.0/24', availabilityZone: 'us-east-1a' });
aws.ecs.registerCluster('shop');
aws.ecs.registerTaskDefinition({ family: 'web', containerDefinitions: [{ name: 'web', image: 'web:1' }] });

const ecs = new ECSClient(inProcess(aws, clock));
const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-1'] } };
const runTask = new RunTaskCommand({ cluster: 'shop', taskDefinition: 'web', networkConfiguration });
const { tasks: [started] = [] } = await clock.run(ecs.send(runTask));
assert.equal(started?.lastStatus, 'PROVISIONING');

await clock.advance(3000);
const describeTasks = new DescribeTasksCommand({ cluster: 'shop', tasks: [started.taskArn ?? ''] });
const { tasks: [running] = [] } = await clock.run(ecs.send(describeTasks));
assert.equal(running?.lastStatus, 'RUNNING');
await aws.close();
