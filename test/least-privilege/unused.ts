/** Grants that no recorded call uses, each with the reason why the role has it. */
import type { Grant } from './roles.ts';

export interface Exception {
  readonly role: RegExp;
  readonly actions: readonly string[];
  readonly resource?: RegExp;
  readonly reason: string;
}

const logging = ['logs:CreateLogStream', 'logs:PutLogEvents'];

export const exceptions: readonly Exception[] = [
  {
    role: /^Functions\w+Role$/,
    actions: logging,
    reason:
      'Lambda itself writes the function’s log: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html',
  },
  {
    role: /^Agents\w+ExecutionRole$/,
    actions: logging,
    reason:
      'Fargate itself writes the containers’ log: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html',
  },
  {
    role: /^Agents\w+ExecutionRole$/,
    actions: [
      'ecr:BatchCheckLayerAvailability',
      'ecr:BatchGetImage',
      'ecr:GetAuthorizationToken',
      'ecr:GetDownloadUrlForLayer',
    ],
    reason:
      'Fargate itself pulls the image: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html',
  },
  {
    role: /^Functions(Teardown|TaskStopped)Role$/,
    actions: ['sqs:SendMessage'],
    reason:
      'Lambda itself records events that failed for good: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html',
  },
  {
    role: /^FunctionsAnnounceRole$/,
    actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
    reason:
      'Lambda itself reads the stream with the function’s role: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html',
  },
];

export const exceptionFor = (grant: Grant): Exception | undefined =>
  exceptions.find(
    ({ role, actions, resource }) =>
      role.test(grant.role) && actions.includes(grant.action) && (resource?.test(grant.resource) ?? true),
  );
