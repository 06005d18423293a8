/** Task definitions of a template in the form of RegisterTaskDefinition. */
import type * as v from 'valibot';
import type { LinuxParameters } from '../../emulator/container-host.ts';
import type { ContainerDefinition, TaskDefinition } from '../../emulator/ecs/definitions.ts';
import type * as schemas from './resource-schemas.ts';

type Container = v.InferOutput<typeof schemas.container>;

export function taskDefinitionOf(definition: v.InferOutput<typeof schemas.taskDefinition>): TaskDefinition {
  const { Family, TaskRoleArn, Cpu, Memory, ContainerDefinitions } = definition;
  return {
    family: Family,
    containerDefinitions: ContainerDefinitions.map(containerOf),
    ...(TaskRoleArn !== undefined && { taskRoleArn: TaskRoleArn }),
    ...(Cpu !== undefined && { cpu: Cpu }),
    ...(Memory !== undefined && { memory: Memory }),
  };
}

function containerOf(container: Container): ContainerDefinition {
  const { EntryPoint, Command, StopTimeout, User, ReadonlyRootFilesystem, LinuxParameters, Ulimits, SystemControls } =
    container;
  return {
    name: container.Name,
    image: container.Image,
    essential: container.Essential,
    environment: container.Environment.map(({ Name, Value }) => ({ name: Name, value: Value })),
    dependsOn: container.DependsOn.map(({ ContainerName, Condition }) => ({
      containerName: ContainerName,
      condition: Condition,
    })),
    ...(EntryPoint && { entryPoint: EntryPoint }),
    ...(Command && { command: Command }),
    ...(StopTimeout !== undefined && { stopTimeout: StopTimeout }),
    ...(User !== undefined && { user: User }),
    ...(ReadonlyRootFilesystem !== undefined && { readonlyRootFilesystem: ReadonlyRootFilesystem }),
    ...(LinuxParameters && { linuxParameters: linuxParametersOf(LinuxParameters) }),
    ...(Ulimits && {
      ulimits: Ulimits.map(({ Name, SoftLimit, HardLimit }) => ({
        name: Name,
        softLimit: SoftLimit,
        hardLimit: HardLimit,
      })),
    }),
    ...(SystemControls && {
      systemControls: SystemControls.map(({ Namespace, Value }) => ({ namespace: Namespace, value: Value })),
    }),
  };
}

function linuxParametersOf(parameters: NonNullable<Container['LinuxParameters']>): LinuxParameters {
  const { Capabilities, InitProcessEnabled } = parameters;
  return {
    ...(Capabilities && {
      capabilities: {
        ...(Capabilities.Add && { add: Capabilities.Add }),
        ...(Capabilities.Drop && { drop: Capabilities.Drop }),
      },
    }),
    ...(InitProcessEnabled !== undefined && { initProcessEnabled: InitProcessEnabled }),
  };
}
