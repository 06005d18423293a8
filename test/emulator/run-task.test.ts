import { type RunTaskCommandInput, StopTaskCommand } from '@aws-sdk/client-ecs';
import { describe, expect, test } from 'vitest';
import { dayMs, hourMs } from '../support/time.ts';
import { arn, cluster, refusal, subnetId, vpcId, withGroup } from './emulated.ts';

describe('RunTask', () => {
  test('returns a PROVISIONING task without its interface', async () => {
    const { clock, send, taskDefinition } = await withGroup();
    const tags = [{ key: 'bastion:session', value: 's1' }];
    const answer = await clock.run(send({ startedBy: 'session-1', tags, count: 2 }));
    expect(answer.failures).toEqual([]);
    expect(answer.tasks).toHaveLength(2);
    expect(answer.tasks?.[0]).toMatchObject({
      taskArn: expect.stringMatching(new RegExp(`^${arn('ecs', `task/${cluster}`)}/[0-9a-f]{32}$`)),
      taskDefinitionArn: taskDefinition,
      lastStatus: 'PROVISIONING',
      desiredStatus: 'RUNNING',
      startedBy: 'session-1',
      group: 'family:ssh',
      launchType: 'FARGATE',
      createdAt: new Date(clock.now()),
      tags,
      attachments: [
        { type: 'ElasticNetworkInterface', status: 'PRECREATED', details: [{ name: 'subnetId', value: subnetId }] },
      ],
    });
  });

  const network = (difference: object) => ({
    networkConfiguration: { awsvpcConfiguration: { subnets: [subnetId], securityGroups: [], ...difference } },
  });
  const override = (name: string, value: string) => ({
    overrides: { containerOverrides: [{ name, environment: [{ name: 'KEY', value }] }] },
  });
  test.each<[Partial<RunTaskCommandInput>, string]>([
    [{ cluster: 'other' }, 'ClusterNotFoundException: Cluster not found.'],
    [{ taskDefinition: 'other' }, 'ClientException: TaskDefinition not found.'],
    [{ taskDefinition: 'ssh:2' }, 'ClientException: TaskDefinition not found.'],
    [{ count: 11 }, 'InvalidParameterException: Parameter count is not valid.'],
    [{ startedBy: 'ann@example.org' }, 'InvalidParameterException: Parameter startedBy is not valid.'],
    [{ clientToken: 'x'.repeat(65) }, 'InvalidParameterException: Parameter clientToken is not valid.'],
    [{ tags: [{ key: 'aws:mine', value: '' }] }, "Tag keys must not start with 'aws:'"],
    [{ propagateTags: 'SERVICE' }, 'InvalidParameterException: Parameter propagateTags is not valid.'],
    [{ enableExecuteCommand: true }, 'taskRoleArn'],
    [
      { launchType: 'FARGATE', capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT' }] },
      'Specifying both a launch type',
    ],
    [override('unknown', 'x'), 'Override for container named unknown is not a container in the TaskDefinition.'],
    [override('ssh', 'x'.repeat(8192)), 'Overrides are at most 8192 characters in total'],
    [
      { networkConfiguration: undefined },
      "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
    ],
    [
      network({ subnets: ['subnet-none'] }),
      "The subnet ID 'subnet-none' does not exist (ErrorCode: InvalidSubnetID.NotFound)",
    ],
    [
      network({ securityGroups: ['sg-none'] }),
      "The security group 'sg-none' does not exist (ErrorCode: InvalidGroup.NotFound)",
    ],
    [network({ securityGroups: ['1', '2', '3', '4', '5', '6'] }), 'InvalidParameterException'],
  ])('refuses %o and starts nothing', async (difference, expected) => {
    const { clock, send, list, aws } = await withGroup();
    expect(await clock.run(refusal(send(difference)))).toContain(expected);
    expect(await list()).toEqual([]);
    expect(aws.ec2.interfaces.all()).toEqual([]);
  });

  test('uses the default security group of the VPC if the request names none', async () => {
    const { send, clock, aws } = await withGroup();
    await clock.run(send(network({ securityGroups: undefined })));
    expect(aws.ec2.interfaces.all()[0]?.groupIds).toEqual([aws.ec2.groups.default(vpcId)?.id]);
  });

  test('refuses a group and a subnet of different VPCs', async () => {
    const { clock, aws, send, groupId } = await withGroup();
    const subnet = { subnetId: 'subnet-2', vpcId: 'vpc-2', cidrBlock: '10.1.0.0/24', availabilityZone: 'us-east-1a' };
    aws.ec2.addVpc({ vpcId: 'vpc-2', cidrBlock: '10.1.0.0/16' });
    aws.ec2.addSubnet(subnet);
    const elsewhere = network({ subnets: ['subnet-2'], securityGroups: [groupId] });
    expect(await clock.run(refusal(send(elsewhere)))).toContain(
      'Security Group and Subnet belong to different networks.',
    );
  });

  test('associates a public address only on request', async () => {
    const { clock, aws, send, groupId } = await withGroup();
    await clock.run(send(network({ securityGroups: [groupId] })));
    await clock.run(send());
    await clock.advance(3000);
    expect(aws.ec2.interfaces.all().map(({ publicIp }) => publicIp)).toEqual([undefined, '198.18.0.2']);
  });

  test('starts at most 20 tasks a second', async () => {
    const { clock, send } = await withGroup();
    const outcomes = await clock.run(Promise.all(Array.from({ length: 25 }, () => refusal(send()))));
    expect(outcomes.filter((outcome) => outcome === 'no error')).toHaveLength(20);
    expect(outcomes.at(-1)).toBe('ThrottlingException: Rate exceeded');
  });

  test('gives containers the variables of the definition, of the overrides and of ECS', async () => {
    const { clock, run, containers } = await withGroup();
    const environment = [
      { name: 'SSH_PORT', value: '2222' },
      { name: 'AUTHORIZED_KEY', value: 'ssh-ed25519 AAAA' },
    ];
    await run({ overrides: { containerOverrides: [{ name: 'ssh', environment, command: ['serve'] }] } });
    await clock.advance(2000);
    expect(containers.running()).toMatchObject([
      {
        name: 'ssh',
        image: 'ssh:1',
        command: ['serve'],
        environment: { SSH_PORT: '2222', AUTHORIZED_KEY: 'ssh-ed25519 AAAA', AWS_REGION: 'us-east-1' },
      },
      { name: 'ready', command: ['wait'], environment: { AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE' } },
    ]);
  });

  describe('with a clientToken', () => {
    const token = { clientToken: 'token-1' };

    test('returns the same task again in any state', async () => {
      const { clock, run, list } = await withGroup();
      const firstTask = await run(token);
      await clock.advance(5000);
      expect(await run(token)).toBe(firstTask);
      expect(await list()).toEqual([firstTask]);
    });

    test('refuses any other parameter as a conflict that names the task', async () => {
      const { clock, run, send } = await withGroup();
      const firstTask = await run(token);
      const conflict = await clock.run(send({ ...token, startedBy: 'other' }).catch((error: unknown) => error));
      expect(conflict).toMatchObject({ name: 'ConflictException', resourceIds: [firstTask] });
    });

    test('keeps the tokens of each cluster apart', async () => {
      const { aws, run } = await withGroup();
      aws.ecs.registerCluster('other');
      expect(await run(token)).not.toBe(await run({ ...token, cluster: 'other' }));
    });

    test.each([
      ['shows little of a task that has stopped', hourMs, true],
      ['starts another task an hour after the first has stopped', hourMs + 1001, false],
    ])('%s', async (_, afterMs, isSame) => {
      const { clock, ecs, run, send } = await withGroup({ delays: { deprovisioningMs: 1000 } });
      const firstTask = await run(token);
      await clock.run(ecs.send(new StopTaskCommand({ cluster, task: firstTask })));
      await clock.advance(afterMs);
      const { tasks: [second] = [] } = await clock.run(send(token));
      if (isSame) expect(second).toEqual({ taskArn: firstTask, lastStatus: 'STOPPED', desiredStatus: 'STOPPED' });
      else expect(second).toMatchObject({ lastStatus: 'PROVISIONING' });
    });

    test('starts another task after a day', async () => {
      const { clock, run } = await withGroup();
      const firstTask = await run(token);
      await clock.advance(dayMs + 1);
      expect(await run(token)).not.toBe(firstTask);
    });
  });
});
