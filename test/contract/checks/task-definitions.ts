import {
  DescribeTaskDefinitionCommand,
  ListTaskDefinitionsCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
} from '@aws-sdk/client-ecs';
import { type Account, newName } from '../account.ts';
import { type Check, type Operation, outcomeOf } from '../check.ts';

const container = {
  name: 'web',
  image: 'web:1',
  essential: true,
  entryPoint: ['/bin/sh', '-c'],
  command: ['serve'],
  environment: [{ name: 'PORT', value: '80' }],
  dependsOn: [{ containerName: 'setup', condition: 'SUCCESS' as const }],
  stopTimeout: 60,
  user: '1000',
  readonlyRootFilesystem: true,
  linuxParameters: { capabilities: { add: ['SYS_PTRACE' as const], drop: ['ALL' as const] }, initProcessEnabled: true },
  ulimits: [{ name: 'nofile' as const, softLimit: 1024, hardLimit: 2048 }],
  systemControls: [{ namespace: 'net.core.somaxconn', value: '1024' }],
};

const setup = { name: 'setup', image: 'setup:1', essential: false };

const definition = {
  cpu: '256',
  memory: '512',
  networkMode: 'awsvpc' as const,
  requiresCompatibilities: ['FARGATE' as const],
  containerDefinitions: [setup, container],
};

/** Returns the new task definition. */
async function register(
  { ecs }: Account,
  family: string,
  difference: Partial<RegisterTaskDefinitionCommandInput> = {},
) {
  const command = new RegisterTaskDefinitionCommand({ ...definition, family, ...difference });
  return (await ecs.send(command)).taskDefinition;
}

async function describe({ ecs }: Account, taskDefinition: string) {
  return (await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }))).taskDefinition;
}

const refused = (difference: Partial<RegisterTaskDefinitionCommandInput>): Check => ({
  aws: 'ClientException 400',
  observe: (account) => outcomeOf(register(account, newName('web'), difference)),
});

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html */
export const registerTaskDefinition: Operation = {
  name: 'ECS RegisterTaskDefinition',
  checks: {
    'makes the next revision of the family': {
      aws: [1, 2],
      async observe(account) {
        const family = newName('web');
        return [(await register(account, family))?.revision, (await register(account, family))?.revision];
      },
    },
    'DescribeTaskDefinition shows what was registered': {
      aws: { ...container, cpu: '256', memory: '512', networkMode: 'awsvpc', status: 'ACTIVE' },
      async observe(account) {
        const { taskDefinitionArn = '' } = (await register(account, newName('web'))) ?? {};
        const { cpu, memory, networkMode, status, containerDefinitions } =
          (await describe(account, taskDefinitionArn)) ?? {};
        const shown = containerDefinitions?.find(({ name }) => name === 'web');
        const members = Object.keys(container).map((name) => [name, shown && Reflect.get(shown, name)]);
        return { ...Object.fromEntries(members), cpu, memory, networkMode, status };
      },
    },
    'DescribeTaskDefinition shows the roles': {
      aws: { taskRoleArn: 'arn:aws:iam::123456789012:role/a', executionRoleArn: 'arn:aws:iam::123456789012:role/b' },
      async observe(account) {
        const roles = {
          taskRoleArn: 'arn:aws:iam::123456789012:role/a',
          executionRoleArn: 'arn:aws:iam::123456789012:role/b',
        };
        const family = newName('web');
        await register(account, family, roles);
        const { taskRoleArn, executionRoleArn } = (await describe(account, family)) ?? {};
        return { taskRoleArn, executionRoleArn };
      },
    },
    'a family alone means its latest revision': {
      aws: [2, 1],
      async observe(account) {
        const family = newName('web');
        await register(account, family);
        await register(account, family);
        return [(await describe(account, family))?.revision, (await describe(account, `${family}:1`))?.revision];
      },
    },
    'ListTaskDefinitions lists the revisions of a family': {
      aws: ['1', '2'],
      async observe(account) {
        const family = newName('web');
        await register(account, family);
        await register(account, family);
        const command = new ListTaskDefinitionsCommand({ familyPrefix: family });
        const { taskDefinitionArns = [] } = await account.ecs.send(command);
        return taskDefinitionArns.map((arn) => arn.split(`${family}:`)[1]).toSorted();
      },
    },
    'an unknown family is refused': {
      aws: 'ClientException 400',
      observe: (account) => outcomeOf(describe(account, newName('none'))),
    },
    'a size that Fargate does not have is refused': refused({ cpu: '256', memory: '4096' }),
    'a task without memory is refused': refused({ memory: undefined }),
    'a task without a container is refused': refused({ containerDefinitions: [] }),
    'a task without an essential container is refused': refused({ containerDefinitions: [setup] }),
    'containers that wait for each other are refused': refused({
      containerDefinitions: [
        { ...setup, dependsOn: [{ containerName: 'web', condition: 'START' as const }] },
        { ...container, dependsOn: [{ containerName: 'setup', condition: 'START' as const }] },
      ],
    }),
  },
};
