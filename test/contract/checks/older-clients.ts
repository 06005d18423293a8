/**
 * The requests of a program for AWS that others wrote in 2018 with boto3, in our own words: it looks for a person's bastion, starts one,
 * tells its address, and removes it. CONTRIBUTING.md says how to run such a program itself.
 */
import {
  AuthorizeSecurityGroupIngressCommand,
  DeleteSecurityGroupCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
} from '@aws-sdk/client-ec2';
import type { Account } from '../account.ts';
import { eventually, type Operation, outcomeOf } from '../check.ts';
import { fargate } from '../fargate.ts';

/** Makes a task definition and returns its family, by which the program names it. */
const familyOf = async (account: Account): Promise<string> =>
  (await account.taskDefinition()).replace(/^.*task-definition\//, '').replace(/:\d+$/, '');

/** The program reads the interface of a task from the id of the task's attachment. */
const descriptionOf = (taskArn = '', attachmentId = '') => taskArn.replace(/task\/.*/, `attachment/${attachmentId}`);

async function start(account: Account) {
  const place = await fargate(account);
  const family = await familyOf(account);
  const rule = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIp: '198.51.100.4/32' };
  await account.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: place.group, ...rule }));
  const { tasks: [task] = [] } = await place.run({ taskDefinition: family, count: 1, startedBy: 'bastion-builder' });
  const Values = [descriptionOf(task?.taskArn, task?.attachments?.[0]?.id)];
  const interfaces = async () => {
    const command = new DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'description', Values }] });
    return (await account.ec2.send(command)).NetworkInterfaces ?? [];
  };
  return { ...place, family, taskArn: task?.taskArn ?? '', group: place.group, interfaces };
}

export const olderClients: Operation = {
  name: 'A bastion program of 2018',
  checks: {
    'a filter for the group of a new person finds none, and is no error': {
      aws: 0,
      async observe(account) {
        const { vpcId } = await account.network();
        const Filters = [
          { Name: 'vpc-id', Values: [vpcId] },
          { Name: 'group-name', Values: ['bastion-ann'] },
        ];
        const { SecurityGroups } = await account.ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
        return SecurityGroups?.length;
      },
    },
    'a task is found by its family, which is in its group': {
      aws: { before: 0, isFound: true, groupIsFamily: true, otherLaunchType: 0 },
      async observe(account) {
        const place = await fargate(account);
        const family = await familyOf(account);
        const before = (await place.list({ family, desiredStatus: 'RUNNING' })).length;
        const arn = await place.start({ taskDefinition: family });
        const [found = ''] = await place.list({ family, desiredStatus: 'RUNNING' });
        const other = await place.list({ family, launchType: 'EC2' });
        const groupIsFamily = (await place.describe(found))?.group === `family:${family}`;
        return { before, isFound: found === arn, groupIsFamily, otherLaunchType: other.length };
      },
    },
    'the description of its interface leads from a task to its address': {
      aws: { interfaces: 1, hasAddress: true },
      async observe(account) {
        const { interfaces } = await start(account);
        const hasAddress = ([one]: Awaited<ReturnType<typeof interfaces>>) => one?.Association?.PublicIp !== undefined;
        const found = await eventually(interfaces, hasAddress);
        return { interfaces: found.length, hasAddress: hasAddress(found) };
      },
    },
    'the interface goes after the task has stopped, and then the group can be deleted': {
      aws: { interfaces: 0, deletion: 'accepted' },
      async observe(account) {
        const { taskArn, stop, interfaces, group } = await start(account);
        await stop(taskArn, 'Requested by user');
        const left = await eventually(interfaces, (found) => found.length === 0);
        const deletion = await outcomeOf(account.ec2.send(new DeleteSecurityGroupCommand({ GroupId: group })));
        return { interfaces: left.length, deletion };
      },
    },
    // Its function that deletes everything asks so, and AWS's page says of startedBy that "it must be the only filter".
    'startedBy beside desiredStatus is refused': {
      aws: 'InvalidParameterException 400',
      async observe(account) {
        const { list } = await start(account);
        return outcomeOf(list({ startedBy: 'bastion-builder', desiredStatus: 'RUNNING' }));
      },
    },
  },
};
