import * as v from 'valibot';
import type { Operations, operationMaker } from '../operation.ts';
import { AwsError } from '../wire.ts';
import type { Definitions, RegisteredTaskDefinition } from './definitions.ts';
import { checkForFargate, registration } from './registration.ts';

/** Makes the operations on task definitions. @param operation makes operations with the refusals of ECS */
export function definitionOperations(
  definitions: Definitions,
  operation: ReturnType<typeof operationMaker>,
): Operations {
  return {
    /** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html */
    RegisterTaskDefinition: operation(registration, (request) => {
      checkForFargate(request);
      return { taskDefinition: described(definitions.registerTaskDefinition(request)), tags: [] };
    }),

    ListTaskDefinitions: operation(v.object({ familyPrefix: v.optional(v.string()) }), ({ familyPrefix }) => {
      const matchingDefinitions = definitions
        .allTaskDefinitions()
        .filter(({ family }) => familyPrefix === undefined || family === familyPrefix);
      return { taskDefinitionArns: matchingDefinitions.map(({ arn }) => arn) };
    }),

    DescribeTaskDefinition: operation(v.object({ taskDefinition: v.string() }), ({ taskDefinition }) => {
      const definition = definitions.findTaskDefinition(taskDefinition);
      if (definition === undefined) throw new AwsError('ClientException', 'Unable to describe task definition.');
      return { taskDefinition: described(definition), tags: [] };
    }),
  };
}

function described({ arn: taskDefinitionArn, ...members }: RegisteredTaskDefinition): object {
  return {
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    ...members,
    taskDefinitionArn,
    status: 'ACTIVE',
  };
}
