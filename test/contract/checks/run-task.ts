import type { RunTaskCommandInput } from '@aws-sdk/client-ecs';
import { unknownId } from '../account.ts';
import { type Check, type Operation, outcomeOf } from '../check.ts';
import { attachmentDetail, fargate } from '../fargate.ts';

type Difference = Partial<RunTaskCommandInput>;

/** Checks the refusal of a request that differs from a valid one in one point, and that no task runs. */
const refused = (outcome: string, difference: Difference): Check => ({
  aws: { outcome, tasks: 0 },
  async observe(account) {
    const { run, list } = await fargate(account);
    return { outcome: await outcomeOf(run(difference)), tasks: (await list()).length };
  },
});

const at = (place: { subnets?: string[]; securityGroups?: string[] }): Check['observe'] => {
  return async (account) => {
    const { run, request } = await fargate(account);
    const awsvpcConfiguration = { ...request.networkConfiguration.awsvpcConfiguration, ...place };
    return outcomeOf(run({ networkConfiguration: { awsvpcConfiguration } }));
  };
};

const override = (name: string, value: string): Difference => ({
  overrides: { containerOverrides: [{ name, environment: [{ name: 'KEY', value }] }] },
});

const tags = [{ key: 'bastion:session', value: 's1' }];

/** Checks the outcome of a second RunTask with the same token. */
const repeated = (aws: unknown, first: Difference, then: Difference): Check => ({
  aws,
  async observe(account) {
    const { run, start, list } = await fargate(account);
    const arn = await start({ clientToken: 'token-1', ...first });
    const answer = await run({ clientToken: 'token-1', ...then }).then(
      ({ tasks = [] }) => ({ outcome: 'accepted', names: tasks.map(({ taskArn }) => taskArn) }),
      (error: unknown) => ({
        outcome: error instanceof Error ? error.name : 'no error',
        names: error instanceof Error && 'resourceIds' in error ? error.resourceIds : undefined,
      }),
    );
    const namesTheFirst = Array.isArray(answer.names) && answer.names.length === 1 && answer.names[0] === arn;
    return { outcome: answer.outcome, namesTheFirst, tasks: (await list()).length };
  },
});

export const runTask: Operation = {
  name: 'ECS RunTask',
  checks: {
    'returns a task that is PROVISIONING': {
      aws: { failures: 0, lastStatus: 'PROVISIONING', desiredStatus: 'RUNNING', launchType: 'FARGATE' },
      async observe(account) {
        const { run } = await fargate(account);
        const { tasks: [task] = [], failures } = await run();
        const { lastStatus, desiredStatus, launchType } = task ?? {};
        return { failures: failures?.length, lastStatus, desiredStatus, launchType };
      },
    },
    'the task has its startedBy, its tags and the group of its family': {
      aws: { startedBy: 'session-1', tags, groupIsFamily: true, hasDefinition: true },
      async observe(account) {
        const { run, taskDefinition } = await fargate(account);
        const { tasks: [task] = [] } = await run({ startedBy: 'session-1', tags });
        const family = taskDefinition.replace(/^.*\//, '').replace(/:\d+$/, '');
        const { startedBy, group } = task ?? {};
        const hasDefinition = task?.taskDefinitionArn === taskDefinition;
        return { startedBy, tags: task?.tags, groupIsFamily: group === `family:${family}`, hasDefinition };
      },
    },
    'DescribeTasks shows overrides as plain text': {
      aws: { name: 'ssh', environment: [{ name: 'KEY', value: 'for all to see' }] },
      async observe(account) {
        const { start, describe } = await fargate(account);
        const task = await describe(await start(override('ssh', 'for all to see')));
        const { name, environment } = task?.overrides?.containerOverrides?.[0] ?? {};
        return { name, environment };
      },
    },
    'the task has the group and the command of the request': {
      aws: { group: 'nightly', command: ['check'] },
      async observe(account) {
        const { start, describe } = await fargate(account);
        const overrides = { containerOverrides: [{ name: 'ssh', command: ['check'] }] };
        const task = await describe(await start({ group: 'nightly', overrides }));
        return { group: task?.group, command: task?.overrides?.containerOverrides?.[0]?.command };
      },
    },
    'starts the requested number of tasks': {
      aws: 3,
      async observe(account) {
        const { run, list } = await fargate(account);
        await run({ count: 3 });
        return (await list()).length;
      },
    },
    'a running task shows its network interface': {
      aws: { type: 'ElasticNetworkInterface', status: 'ATTACHED', hasInterface: true, hasPrivateIp: true },
      async observe(account) {
        const { start, reach } = await fargate(account);
        const task = await reach(await start(), 'RUNNING');
        const { type, status } = task?.attachments?.[0] ?? {};
        const hasInterface = attachmentDetail(task, 'networkInterfaceId')?.startsWith('eni-');
        return { type, status, hasInterface, hasPrivateIp: attachmentDetail(task, 'privateIPv4Address') !== undefined };
      },
    },
    'a running task shows its containers by name': {
      aws: ['ready', 'ssh'],
      async observe(account) {
        const { start, reach } = await fargate(account);
        const task = await reach(await start(), 'RUNNING');
        return task?.containers?.map(({ name }) => name).sort();
      },
    },
    'the same token with the same parameters starts nothing new': repeated(
      { outcome: 'accepted', namesTheFirst: true, tasks: 1 },
      {},
      {},
    ),
    'the same token with another parameter is a conflict that names the task': repeated(
      { outcome: 'ConflictException', namesTheFirst: true, tasks: 1 },
      { startedBy: 'session-1' },
      { startedBy: 'session-2' },
    ),
    'another token starts another task': repeated(
      { outcome: 'accepted', namesTheFirst: false, tasks: 2 },
      {},
      { clientToken: 'token-2' },
    ),
    'an unknown cluster is refused': refused('ClusterNotFoundException 400', { cluster: 'none' }),
    'an unknown task definition is refused': refused('ClientException 400', { taskDefinition: 'none:1' }),
    'more than 10 tasks at once are refused': refused('InvalidParameterException 400', { count: 11 }),
    'a startedBy with an @ is refused': refused('InvalidParameterException 400', { startedBy: 'ann@example.org' }),
    'a token of 65 characters is refused': refused('InvalidParameterException 400', { clientToken: 'x'.repeat(65) }),
    'a tag that starts with aws: is refused': refused('InvalidParameterException 400', {
      tags: [{ key: 'aws:mine', value: '' }],
    }),
    'tags of a service are refused': refused('InvalidParameterException 400', { propagateTags: 'SERVICE' }),
    'execute command without a role of the task is refused': refused('InvalidParameterException 400', {
      enableExecuteCommand: true,
    }),
    'an override for an unknown container is refused': refused(
      'InvalidParameterException 400',
      override('unknown', 'x'),
    ),
    'overrides of more than 8192 characters are refused': refused(
      'InvalidParameterException 400',
      override('ssh', 'x'.repeat(8192)),
    ),
    'a launch type beside a capacity provider is refused': refused('InvalidParameterException 400', {
      capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT' }],
    }),
    'a request without a network is refused': refused('InvalidParameterException 400', {
      networkConfiguration: undefined,
    }),
    'an unknown subnet is refused': {
      aws: 'InvalidParameterException 400',
      observe: at({ subnets: [unknownId('subnet')] }),
    },
    'an unknown security group is refused': {
      aws: 'InvalidParameterException 400',
      observe: at({ securityGroups: [unknownId('sg')] }),
    },
    'more than 5 security groups are refused': {
      aws: 'InvalidParameterException 400',
      observe: at({ securityGroups: Array.from({ length: 6 }, () => unknownId('sg')) }),
    },
  },
};
