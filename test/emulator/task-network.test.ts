import { expect, test } from 'vitest';
import { rulesOf } from '../../emulator/ec2/rules.ts';
import { refusal } from './emulated.ts';
import { startedTask } from './started-task.ts';

test('the interface of a task shows its public address, obeys its security group, and is deleted with the task', async () => {
  const { clock, containers, describe, interfaces, groupId, aws, stop } = await startedTask();
  expect(await interfaces()).toMatchObject([
    { Groups: [{ GroupId: groupId, GroupName: 'bastion-1' }], Status: 'in-use' },
  ]);
  expect((await interfaces())[0]?.Association).toBeUndefined();
  await clock.advance(800);
  const publicIp = (await interfaces())[0]?.Association?.PublicIp ?? '';
  const details = (await describe())?.attachments?.[0]?.details?.map(({ name, value }) => [name, value]);
  expect(Object.fromEntries(details ?? [])).toMatchObject({
    networkInterfaceId: (await interfaces())[0]?.NetworkInterfaceId,
    privateIPv4Address: '10.0.0.4',
  });
  const knock = () => containers.letsIn(publicIp, { port: 22, sourceIp: '198.51.100.4' });
  expect(knock()).toBe(false);
  const range = { CidrIp: '198.51.100.4/32', Description: undefined };
  aws.ec2.groups.authorize(
    groupId,
    rulesOf([{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [range], Ipv6Ranges: [] }]),
  );
  expect(knock()).toBe(true);
  await stop();
  await clock.advance(1000);
  expect(knock()).toBe(false);
  expect(await interfaces()).toEqual([]);
});

test('a security group is in use until the interface is deleted, long after the containers have ended', async () => {
  const { clock, deleteGroup, groupId, stop, describe, containers } = await startedTask();
  const conflict = `DependencyViolation: resource ${groupId} has a dependent object`;
  expect(await clock.run(refusal(deleteGroup()))).toBe(conflict);
  await clock.advance(3000);
  await stop();
  await clock.advance(999);
  expect(containers.running()).toEqual([]);
  expect(await describe()).toMatchObject({ lastStatus: 'DEPROVISIONING' });
  expect(await clock.run(refusal(deleteGroup()))).toBe(conflict);
  await clock.advance(1);
  expect(await describe()).toMatchObject({ lastStatus: 'STOPPED' });
  expect(await clock.run(deleteGroup())).toMatchObject({ Return: true });
});
