import { Aws, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../functions/permissions.ts';
import type { AgentKind } from './agent-kinds.ts';

/** A role that an agent has, with the permissions that its grants give it. */
export function taskRole(scope: Construct, id: string, description: string): iam.Role {
  return new iam.Role(scope, id, {
    description,
    // Another account's tasks must not be able to borrow the role either.
    // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
    assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com').withConditions({
      StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
      ArnLike: { 'aws:SourceArn': Stack.of(scope).formatArn({ service: 'ecs', resource: '*' }) },
    }),
  });
}

export function executionRole(scope: Construct, id: string, kind: AgentKind): iam.Role {
  const role = new iam.Role(scope, id, {
    description: `Lets Fargate pull the ${kind} image and write its log; no container ever sees it.`,
    assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com'),
  });
  acknowledgeWildcards(role, ['*'], 'ecr:GetAuthorizationToken knows no resources.');
  return role;
}
