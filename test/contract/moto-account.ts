import { CreateSubnetCommand, CreateVpcCommand, ModifyVpcAttributeCommand } from '@aws-sdk/client-ec2';
import { CreateClusterCommand, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import * as v from 'valibot';
import { type Account, clientsOf, destroy, given, newName } from './account.ts';
import { askSqs } from './plain-request.ts';
import { taskContainers } from './task-definition.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where moto answers; without it the emulated AWS is asked. */
    motoEndpoint: string | undefined;
  }
}

/** An account of a moto server, set up through its API. Everybody shares the one account that the server has. */
export function motoAccount(endpoint: string): Account {
  const clients = clientsOf(endpoint);
  const { ec2, ecs, secrets } = clients;
  const account: Account = {
    ...clients,
    endpoint,
    async network() {
      const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
      const vpcId = given(Vpc?.VpcId, 'VpcId');
      // Only in such a VPC can moto run a task.
      await ec2.send(new ModifyVpcAttributeCommand({ VpcId: vpcId, EnableDnsHostnames: { Value: true } }));
      const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId: vpcId, CidrBlock: '10.0.0.0/24' }));
      return { vpcId, subnetId: given(Subnet?.SubnetId, 'SubnetId') };
    },
    async cluster() {
      const { cluster } = await ecs.send(new CreateClusterCommand({ clusterName: newName('cluster') }));
      return given(cluster?.clusterName, 'clusterName');
    },
    async taskDefinition() {
      const command = new RegisterTaskDefinitionCommand({
        family: newName('ssh'),
        cpu: '256',
        memory: '512',
        networkMode: 'awsvpc',
        requiresCompatibilities: ['FARGATE'],
        containerDefinitions: taskContainers.map((container) => ({ ...container, memory: 256 })),
      });
      const { taskDefinition } = await ecs.send(command);
      return given(taskDefinition?.taskDefinitionArn, 'taskDefinitionArn');
    },
    async secret(value) {
      const { ARN } = await secrets.send(new CreateSecretCommand({ Name: newName('secret'), SecretString: value }));
      return given(ARN, 'ARN');
    },
    async queue() {
      const answer = await askSqs(account, 'CreateQueue', { QueueName: newName('queue') });
      return v.parse(v.object({ QueueUrl: v.string() }), answer).QueueUrl;
    },
    // Without Docker moto knows no functions: it returns the event, whatever the name.
    echoFunction: async () => newName('echo'),
    failingFunction: async () => newName('failing'),
    async close() {
      destroy(clients);
    },
  };
  return account;
}
