/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html */
import * as v from 'valibot';
import { type Account, arn, type IamRequest, type Mapping, mapping, requestTags, tagContext } from './mapping.ts';

const clusterArn = (account: Account, cluster: string) =>
  cluster.startsWith('arn:') ? cluster : arn(account, 'ecs', `cluster/${cluster}`);

const nameOf = (cluster: string) => cluster.split('/').at(-1);

/** AWS authorizes it on each task by its ARN, with its tags. */
const onTasks = (action: string, cluster: string, tasks: readonly string[], account: Account): IamRequest[] =>
  tasks
    .map((task) => (task.startsWith('arn:') ? task : arn(account, 'ecs', `task/${nameOf(cluster)}/${task}`)))
    .map((resource) => ({
      action,
      resource,
      context: {
        ...tagContext('ResourceTag', account.tagsOfTask(resource)),
        'ecs:cluster': clusterArn(account, cluster),
      },
    }));

/**
 * AWS authorizes it on the task definition's revision, and on every role that the task gets. With tags it authorizes their
 * creation on the new task, which has no id yet.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
 */
const runTask = mapping(
  v.object({
    cluster: v.string(),
    taskDefinition: v.pipe(v.string(), v.regex(/^arn:.*:\d+$/, 'expected an ARN with its revision')),
    tags: v.optional(v.array(v.object({ key: v.string(), value: v.string() })), []),
    overrides: v.optional(
      v.object({ taskRoleArn: v.optional(v.string()), executionRoleArn: v.optional(v.string()) }),
      {},
    ),
    enableExecuteCommand: v.optional(v.boolean(), false),
  }),
  ({ cluster, taskDefinition, tags, overrides, enableExecuteCommand }, account) => {
    const tagged = requestTags(tags.map(({ key, value }) => [key, value]));
    const { taskRoleArn, executionRoleArn } = overrides;
    const roles = [...account.rolesOfDefinition(taskDefinition), taskRoleArn, executionRoleArn];
    return [
      {
        action: 'ecs:RunTask',
        resource: taskDefinition,
        context: {
          ...tagged,
          'ecs:cluster': clusterArn(account, cluster),
          'ecs:enable-execute-command': String(enableExecuteCommand),
        },
      },
      ...(tags.length === 0
        ? []
        : [
            {
              action: 'ecs:TagResource',
              resource: arn(account, 'ecs', `task/${nameOf(cluster)}/*`),
              context: { ...tagged, 'ecs:CreateAction': 'RunTask' },
            },
          ]),
      ...roles
        .filter((role) => role !== undefined)
        .map((resource) => ({
          action: 'iam:PassRole',
          resource,
          context: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
        })),
    ];
  },
);

export const ecsRequests: Readonly<Record<string, Mapping>> = {
  'ecs RunTask': runTask,
  'ecs DescribeTasks': mapping(v.object({ cluster: v.string(), tasks: v.array(v.string()) }), (input, account) =>
    onTasks('ecs:DescribeTasks', input.cluster, input.tasks, account),
  ),
  'ecs StopTask': mapping(v.object({ cluster: v.string(), task: v.string() }), (input, account) =>
    onTasks('ecs:StopTask', input.cluster, [input.task], account),
  ),
  'ecs TagResource': mapping(
    v.object({ resourceArn: v.string(), tags: v.array(v.object({ key: v.string(), value: v.string() })) }),
    ({ resourceArn, tags }, account) => [
      {
        action: 'ecs:TagResource',
        resource: resourceArn,
        context: {
          ...requestTags(tags.map(({ key, value }) => [key, value])),
          ...tagContext('ResourceTag', account.tagsOfTask(resourceArn)),
        },
      },
    ],
  ),
  // On the cluster's container instances, of which Fargate has none.
  'ecs ListTasks': mapping(v.object({ cluster: v.string() }), ({ cluster }, account) => [
    {
      action: 'ecs:ListTasks',
      resource: arn(account, 'ecs', `container-instance/${nameOf(cluster)}/*`),
      context: { 'ecs:cluster': clusterArn(account, cluster) },
    },
  ]),
  'ecs DescribeClusters': mapping(v.object({ clusters: v.array(v.string()) }), ({ clusters }, account) =>
    clusters.map((cluster) => ({
      action: 'ecs:DescribeClusters',
      resource: clusterArn(account, cluster),
      context: {},
    })),
  ),
};
