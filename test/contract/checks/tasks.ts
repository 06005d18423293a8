import { DescribeClustersCommand, DescribeTasksCommand, ListTasksCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import { type Operation, outcomeOf, pagesOf } from '../check.ts';
import { fargate, unknownTask } from '../fargate.ts';

const tags = [{ key: 'bastion:session', value: 's1' }];

export const stopTask: Operation = {
  name: 'ECS StopTask',
  checks: {
    'returns a task that has not stopped yet': {
      aws: { desiredStatus: 'STOPPED', isStopped: false, stopCode: 'UserInitiated', stoppedReason: 'expired' },
      async observe(account) {
        const { start, reach, stop } = await fargate(account);
        const arn = await start();
        await reach(arn, 'RUNNING');
        const { desiredStatus, lastStatus, stopCode, stoppedReason } = (await stop(arn, 'expired')) ?? {};
        return { desiredStatus, isStopped: lastStatus === 'STOPPED', stopCode, stoppedReason };
      },
    },
    'the task becomes STOPPED, and its interface is deleted': {
      aws: { lastStatus: 'STOPPED', attachment: 'DELETED', hasStoppedAt: true },
      async observe(account) {
        const { start, reach, stop } = await fargate(account);
        const arn = await start();
        await stop(arn);
        const { lastStatus, attachments, stoppedAt } = (await reach(arn, 'STOPPED')) ?? {};
        return { lastStatus, attachment: attachments?.[0]?.status, hasStoppedAt: stoppedAt !== undefined };
      },
    },
    'a stop without a reason has the default reason': {
      aws: 'Task stopped by user',
      async observe(account) {
        const { start, stop } = await fargate(account);
        return (await stop(await start()))?.stoppedReason;
      },
    },
    'a stopped task has no tags': {
      aws: [],
      async observe(account) {
        const { start, stop, describe } = await fargate(account);
        const arn = await start({ tags });
        await stop(arn);
        return (await describe(arn, ['TAGS']))?.tags;
      },
    },
    'a second stop is no error': {
      aws: 'accepted',
      async observe(account) {
        const { start, stop, reach } = await fargate(account);
        const arn = await start();
        await stop(arn);
        await reach(arn, 'STOPPED');
        return outcomeOf(stop(arn));
      },
    },
    'an unknown task is refused as not found': {
      aws: { outcome: 'InvalidParameterException 400', saysNotFound: true },
      async observe(account) {
        const { start, stop } = await fargate(account);
        await start();
        let said = '';
        const stopping = stop(unknownTask).catch((error: unknown) => {
          said = String(error);
          throw error;
        });
        return { outcome: await outcomeOf(stopping), saysNotFound: /not found/i.test(said) };
      },
    },
    'an unknown cluster is refused': {
      aws: 'ClusterNotFoundException 400',
      observe: ({ ecs }) => outcomeOf(ecs.send(new StopTaskCommand({ cluster: 'none', task: unknownTask }))),
    },
  },
};

export const describeTasks: Operation = {
  name: 'ECS DescribeTasks',
  checks: {
    'finds a task by its ARN and by its id': {
      aws: { byArn: true, byId: true },
      async observe(account) {
        const { start, describe } = await fargate(account);
        const arn = await start();
        const [byArn, byId] = [await describe(arn), await describe(arn.split('/').at(-1) ?? '')];
        return { byArn: byArn?.taskArn === arn, byId: byId?.taskArn === arn };
      },
    },
    'an unknown task is a failure beside the known ones': {
      aws: { tasks: 1, failures: [{ reason: 'MISSING', namesTask: true }] },
      async observe(account) {
        const { cluster, start } = await fargate(account);
        const asked = [await start(), unknownTask];
        const { tasks, failures } = await account.ecs.send(new DescribeTasksCommand({ cluster, tasks: asked }));
        const reasons = failures?.map(({ reason, arn }) => ({ reason, namesTask: arn?.endsWith(`/${unknownTask}`) }));
        return { tasks: tasks?.length, failures: reasons };
      },
    },
    '100 tasks are looked up at once, the unknown ones as failures': {
      aws: { tasks: 1, failures: 99, reasons: ['MISSING'] },
      async observe(account) {
        const { cluster, start } = await fargate(account);
        const unknown = Array.from({ length: 99 }, (_, number) => String(number).padStart(32, '0'));
        const asked = [...unknown, await start()];
        const { tasks, failures } = await account.ecs.send(new DescribeTasksCommand({ cluster, tasks: asked }));
        const reasons = [...new Set(failures?.map(({ reason }) => reason))];
        return { tasks: tasks?.length, failures: failures?.length, reasons };
      },
    },
    'a task of another cluster is unknown': {
      aws: { tasks: 0, failures: ['MISSING'] },
      async observe(account) {
        const { start } = await fargate(account);
        const task = await start();
        const cluster = await account.cluster();
        const { tasks, failures } = await account.ecs.send(new DescribeTasksCommand({ cluster, tasks: [task] }));
        return { tasks: tasks?.length, failures: failures?.map(({ reason }) => reason) };
      },
    },
    'shows tags only on request': {
      aws: { unasked: [], asked: tags },
      async observe(account) {
        const { start, describe } = await fargate(account);
        const arn = await start({ tags });
        return { unasked: (await describe(arn))?.tags ?? [], asked: (await describe(arn, ['TAGS']))?.tags };
      },
    },
    'a request without tasks is refused': {
      aws: 'InvalidParameterException 400',
      async observe(account) {
        const cluster = await account.cluster();
        return outcomeOf(account.ecs.send(new DescribeTasksCommand({ cluster, tasks: [] })));
      },
    },
    'more than 100 tasks are refused': {
      aws: 'InvalidParameterException 400',
      async observe(account) {
        const cluster = await account.cluster();
        const tasks = Array.from({ length: 101 }, (_, number) => String(number).padStart(32, '0'));
        return outcomeOf(account.ecs.send(new DescribeTasksCommand({ cluster, tasks })));
      },
    },
    'a running task stays RUNNING': {
      aws: ['RUNNING', 'RUNNING', 'RUNNING'],
      async observe(account) {
        const { start, reach, describe } = await fargate(account);
        const arn = await start();
        await reach(arn, 'RUNNING');
        const seen = [await describe(arn), await describe(arn), await describe(arn)];
        return seen.map((task) => task?.lastStatus);
      },
    },
  },
};

export const listTasks: Operation = {
  name: 'ECS ListTasks',
  checks: {
    'finds tasks by startedBy': {
      aws: { mine: true, count: 1 },
      async observe(account) {
        const { start, list } = await fargate(account);
        const mine = await start({ startedBy: 'mine' });
        await start({ startedBy: 'other' });
        const taskArns = await list({ startedBy: 'mine' });
        return { mine: taskArns[0] === mine, count: taskArns.length };
      },
    },
    'a task that was stopped is listed only on request': {
      aws: { before: 1, byDefault: 0, stopped: 1 },
      async observe(account) {
        const { start, stop, list } = await fargate(account);
        const arn = await start();
        const before = (await list()).length;
        await stop(arn);
        const stopped = await list({ desiredStatus: 'STOPPED' });
        return { before, byDefault: (await list()).length, stopped: stopped.length };
      },
    },
    'tasks never have the desired status PENDING': {
      aws: 0,
      async observe(account) {
        const { start, list } = await fargate(account);
        await start();
        return (await list({ desiredStatus: 'PENDING' })).length;
      },
    },
    'startedBy together with another filter is refused': {
      aws: 'InvalidParameterException 400',
      async observe(account) {
        const { list } = await fargate(account);
        return outcomeOf(list({ startedBy: 'mine', desiredStatus: 'STOPPED' }));
      },
    },
    'an unknown cluster is refused': {
      aws: 'ClusterNotFoundException 400',
      observe: ({ ecs }) => outcomeOf(ecs.send(new ListTasksCommand({ cluster: 'none' }))),
    },
    'pages have each task once': {
      aws: { sizes: [2, 2, 1], different: 5 },
      async observe(account) {
        const { cluster, run } = await fargate(account);
        await run({ count: 5 });
        const pages = await pagesOf(async (nextToken: string | undefined) => {
          const command = new ListTasksCommand({
            cluster,
            maxResults: 2,
            ...(nextToken !== undefined && { nextToken }),
          });
          const { taskArns = [], nextToken: next } = await account.ecs.send(command);
          return { items: taskArns, next };
        });
        return { sizes: pages.map((page) => page.length), different: new Set(pages.flat()).size };
      },
    },
  },
};

export const describeClusters: Operation = {
  name: 'ECS DescribeClusters',
  checks: {
    'shows a cluster as ACTIVE, and an unknown one as a failure': {
      aws: { known: ['ACTIVE'], failures: [{ reason: 'MISSING', namesCluster: true }] },
      async observe(account) {
        const asked = [await account.cluster(), 'none'];
        const { clusters, failures } = await account.ecs.send(new DescribeClustersCommand({ clusters: asked }));
        const reasons = failures?.map(({ reason, arn }) => ({ reason, namesCluster: arn?.endsWith(':cluster/none') }));
        return { known: clusters?.map(({ status }) => status), failures: reasons };
      },
    },
    'finds a cluster by its ARN': {
      aws: true,
      async observe(account) {
        const name = await account.cluster();
        const find = async (clusters: string[]) =>
          (await account.ecs.send(new DescribeClustersCommand({ clusters }))).clusters?.[0];
        const { clusterArn = '' } = (await find([name])) ?? {};
        return (await find([clusterArn]))?.clusterName === name;
      },
    },
  },
};
