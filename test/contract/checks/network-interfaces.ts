import { DeleteSecurityGroupCommand, DescribeNetworkInterfacesCommand } from '@aws-sdk/client-ec2';
import { unknownId } from '../account.ts';
import { type Check, eventually, type Operation, outcomeOf, pagesOf } from '../check.ts';
import { attachmentDetail, fargate } from '../fargate.ts';

/** Checks whether the interface of a running task has a public address. */
const publicAddress = (assignPublicIp: 'ENABLED' | 'DISABLED', aws: boolean): Check => ({
  aws,
  async observe(account) {
    const { start, reach, interfaces, request } = await fargate(account);
    const awsvpcConfiguration = { ...request.networkConfiguration.awsvpcConfiguration, assignPublicIp };
    await reach(await start({ networkConfiguration: { awsvpcConfiguration } }), 'RUNNING');
    const [shown] = await interfaces();
    return shown?.Association?.PublicIp !== undefined;
  },
});

export const networkInterfaces: Operation = {
  name: 'EC2 DescribeNetworkInterfaces',
  checks: {
    'a task has one interface, in its subnet, with its groups': {
      aws: { count: 1, status: 'in-use', inSubnet: true, hasGroup: true, isTheTasks: true },
      async observe(account) {
        const { start, reach, interfaces, subnetId, group } = await fargate(account);
        const task = await reach(await start(), 'RUNNING');
        const taskInterfaces = await interfaces();
        const { Status, SubnetId, Groups, NetworkInterfaceId } = taskInterfaces[0] ?? {};
        return {
          count: taskInterfaces.length,
          status: Status,
          inSubnet: SubnetId === subnetId,
          hasGroup: Groups?.map(({ GroupId }) => GroupId).join() === group,
          isTheTasks: NetworkInterfaceId === attachmentDetail(task, 'networkInterfaceId'),
        };
      },
    },
    'an interface has a public address if the task asked for one': publicAddress('ENABLED', true),
    'an interface has no public address if the task asked for none': publicAddress('DISABLED', false),
    'a STOPPED task has no interface': {
      aws: { lastStatus: 'STOPPED', interfaces: 0 },
      async observe(account) {
        const { start, reach, stop, interfaces } = await fargate(account);
        const arn = await start();
        await stop(arn);
        const task = await reach(arn, 'STOPPED');
        return { lastStatus: task?.lastStatus, interfaces: (await interfaces()).length };
      },
    },
    'an unknown id is refused': {
      aws: 'InvalidNetworkInterfaceID.NotFound 400',
      observe: ({ ec2 }) =>
        outcomeOf(ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [unknownId('eni')] }))),
    },
    'ids together with a page size are refused': {
      aws: 'InvalidParameterCombination 400',
      observe: ({ ec2 }) => {
        const both = { NetworkInterfaceIds: [unknownId('eni')], MaxResults: 5 };
        return outcomeOf(ec2.send(new DescribeNetworkInterfacesCommand(both)));
      },
    },
    'pages have each interface once': {
      aws: { sizes: [5, 2], different: 7 },
      async observe(account) {
        const { run, group } = await fargate(account);
        await run({ count: 7 });
        const Filters = [{ Name: 'group-id', Values: [group] }];
        const pages = await pagesOf(async (token: string | undefined) => {
          const page = { Filters, MaxResults: 5, ...(token !== undefined && { NextToken: token }) };
          const command = new DescribeNetworkInterfacesCommand(page);
          const { NetworkInterfaces = [], NextToken } = await account.ec2.send(command);
          return { items: NetworkInterfaces.map(({ NetworkInterfaceId }) => NetworkInterfaceId), next: NextToken };
        });
        return { sizes: pages.map((page) => page.length), different: new Set(pages.flat()).size };
      },
    },
  },
};

/** The part of EC2 DeleteSecurityGroup that is about groups of a task's interface. */
export const groupInUse: Operation = {
  name: 'EC2 DeleteSecurityGroup (in use)',
  checks: {
    'a running task keeps its group in use': {
      aws: 'DependencyViolation 400',
      async observe(account) {
        const { start, reach, group } = await fargate(account);
        await reach(await start(), 'RUNNING');
        return outcomeOf(account.ec2.send(new DeleteSecurityGroupCommand({ GroupId: group })));
      },
    },
    'a stopping task keeps its group in use until it is STOPPED': {
      aws: { atFirst: 'DependencyViolation 400', atLast: 'accepted', taskThen: 'STOPPED' },
      async observe(account) {
        const { start, stop, describe, group } = await fargate(account);
        const arn = await start();
        await stop(arn);
        const remove = () => outcomeOf(account.ec2.send(new DeleteSecurityGroupCommand({ GroupId: group })));
        const atFirst = await remove();
        const atLast = await eventually(remove, (outcome) => outcome === 'accepted');
        return { atFirst, atLast, taskThen: (await describe(arn))?.lastStatus };
      },
    },
  },
};
