import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateSecurityGroupCommand, EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient, ListTasksCommand, RunTaskCommand, type RunTaskCommandInput } from '@aws-sdk/client-ecs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SSMClient } from '@aws-sdk/client-ssm';
import { type AwsOptions, createAws, type EmulatedAws } from '../../emulator/aws.ts';
import { VirtualClock } from '../../emulator/clock.ts';
import { inProcess } from '../../emulator/in-process.ts';
import { seededRandom } from '../../emulator/random.ts';
import { ScriptedContainers } from '../support/scripted-containers.ts';

/** The default region of an account. */
export const region = 'us-east-1';
/** The default id of an account. */
export const accountId = '000000000000';
export const vpcId = 'vpc-0aaaaaaaaaaaaaaaa';
export const subnetId = 'subnet-0aaaaaaaaaaaaaaa';
export const cluster = 'bastions';

/** Returns the ARN of a resource in the account. */
export const arn = (service: string, resource: string): string =>
  `arn:aws:${service}:${region}:${accountId}:${resource}`;
/** Returns the ARN of a role, which has no region. */
export const roleArn = (name: string): string => `arn:aws:iam::${accountId}:role/${name}`;

/** Makes the place where tasks run: a VPC, a subnet and a cluster. */
export function addPlace(aws: EmulatedAws): void {
  aws.ec2.addVpc({ vpcId, cidrBlock: '10.0.0.0/16' });
  aws.ec2.addSubnet({ subnetId, vpcId, cidrBlock: '10.0.0.0/24', availabilityZone: `${region}a` });
  aws.ecs.registerCluster(cluster);
}

/** Makes an account with one VPC, one subnet, one cluster and the `ssh` task definition, and clients that speak to it. */
export function emulated({
  maxAttempts = 1,
  ...options
}: Partial<AwsOptions> & { readonly maxAttempts?: number } = {}) {
  const clock = new VirtualClock();
  const containers = new ScriptedContainers(clock, { endsAfterMs: { ready: 300, up: 0 } });
  const aws = createAws({ clock, containerHost: containers, random: seededRandom(1), ...options });
  addPlace(aws);
  const taskDefinition = aws.ecs.registerTaskDefinition({
    family: 'ssh',
    cpu: '256',
    memory: '512',
    containerDefinitions: [
      {
        name: 'ready',
        image: 'ssh:1',
        essential: false,
        command: ['wait'],
        dependsOn: [{ containerName: 'ssh', condition: 'START' }],
      },
      { name: 'ssh', image: 'ssh:1', environment: [{ name: 'SSH_PORT', value: '22' }], stopTimeout: 10 },
      {
        name: 'up',
        image: 'ssh:1',
        essential: false,
        command: ['true'],
        dependsOn: [{ containerName: 'ready', condition: 'SUCCESS' }],
      },
    ],
  }).arn;
  const config = inProcess(aws, clock, { maxAttempts });
  const clients = {
    ec2: new EC2Client(config),
    ecs: new ECSClient(config),
    lambda: new LambdaClient(config),
    ssm: new SSMClient(config),
    dynamodb: new DynamoDBClient(config),
  };
  const createGroup = async (name = 'bastion-1') => {
    const { GroupId = '' } = await clock.run(
      clients.ec2.send(new CreateSecurityGroupCommand({ GroupName: name, Description: 'a test', VpcId: vpcId })),
    );
    return GroupId;
  };
  return { clock, containers, aws, taskDefinition, createGroup, ...clients };
}

/** Makes the same account with a security group, and short ways to run and list tasks. */
export async function withGroup(options: Parameters<typeof emulated>[0] = {}) {
  const account = emulated(options);
  const groupId = await account.createGroup();
  const request = (difference: Partial<RunTaskCommandInput> = {}) => ({
    cluster,
    taskDefinition: account.taskDefinition,
    networkConfiguration: {
      awsvpcConfiguration: { subnets: [subnetId], securityGroups: [groupId], assignPublicIp: 'ENABLED' as const },
    },
    ...difference,
  });
  const send = (difference?: Partial<RunTaskCommandInput>) => account.ecs.send(new RunTaskCommand(request(difference)));
  const run = async (difference?: Partial<RunTaskCommandInput>) => {
    const { tasks: [task] = [] } = await account.clock.run(send(difference));
    return task?.taskArn ?? '';
  };
  const list = async (input: object = {}) =>
    (await account.clock.run(account.ecs.send(new ListTasksCommand({ cluster, ...input })))).taskArns;
  return { ...account, groupId, send, run, list };
}

/** Returns `Code: message` of the error with which the promise rejects, or `no error`. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  const outcome = await promise.then(
    () => 'no error',
    (error: unknown) => error,
  );
  return outcome instanceof Error ? `${outcome.name}: ${outcome.message}` : String(outcome);
}
