import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { AgentKind } from '../../contracts/agent.ts';
import { acknowledgeWildcards, serviceOfThisAccount } from '../functions/permissions.ts';

/** The role of an agent's containers. It begins without any permission. */
export function taskRole(scope: Construct, id: string, description: string): iam.Role {
  return new iam.Role(scope, id, {
    description,
    // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
    assumedBy: serviceOfThisAccount('ecs-tasks.amazonaws.com').withConditions({
      ArnLike: { 'aws:SourceArn': Stack.of(scope).formatArn({ service: 'ecs', resource: '*' }) },
    }),
  });
}

/** The role of Fargate itself, which pulls the image and writes the log. CDK adds the permissions. */
export function executionRole(scope: Construct, id: string, kind: AgentKind): iam.Role {
  const role = new iam.Role(scope, id, {
    description: `Lets Fargate pull the ${kind} image and write its log. Containers never see it.`,
    assumedBy: serviceOfThisAccount('ecs-tasks.amazonaws.com'),
  });
  acknowledgeWildcards(role, ['*'], 'ecr:GetAuthorizationToken has no resources to name.');
  return role;
}

/** Tells cdk-nag why the variables of an agent may stand in its task definition. */
export const handoffVariables =
  'The variables name the handoff table and the role of the task. Neither is a secret, and AWS generates both at deployment.';
