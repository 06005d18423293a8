import { UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { CreateSubnetCommand, CreateVpcCommand, ModifyVpcAttributeCommand } from '@aws-sdk/client-ec2';
import { CreateClusterCommand, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { CreateFunctionCommand } from '@aws-sdk/client-lambda';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import * as v from 'valibot';
import { type Account, clientsOf, destroy, newName, present } from './account.ts';
import { askQuery, askSqs } from './plain-request.ts';
import { taskContainers } from './task-definition.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The URL of moto. Without it the checks run against the emulated AWS. */
    motoEndpoint: string | undefined;
  }
}

/** Makes resources in the only account of a moto server, through its API. */
export function motoAccount(endpoint: string): Account {
  const clients = clientsOf(endpoint);
  const { dynamodb, ec2, ecs, lambda, secrets } = clients;
  const account: Account = {
    ...clients,
    endpoint,
    async network() {
      const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
      const vpcId = present(Vpc?.VpcId, 'VpcId');
      // moto runs tasks only in a VPC with DNS hostnames.
      await ec2.send(new ModifyVpcAttributeCommand({ VpcId: vpcId, EnableDnsHostnames: { Value: true } }));
      const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId: vpcId, CidrBlock: '10.0.0.0/24' }));
      return { vpcId, subnetId: present(Subnet?.SubnetId, 'SubnetId') };
    },
    async cluster() {
      const { cluster } = await ecs.send(new CreateClusterCommand({ clusterName: newName('cluster') }));
      return present(cluster?.clusterName, 'clusterName');
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
      return present(taskDefinition?.taskDefinitionArn, 'taskDefinitionArn');
    },
    async secret(value) {
      const { ARN } = await secrets.send(new CreateSecretCommand({ Name: newName('secret'), SecretString: value }));
      return present(ARN, 'ARN');
    },
    async queue() {
      const answer = await askSqs(account, 'CreateQueue', { QueueName: newName('queue') });
      return v.parse(v.object({ QueueUrl: v.string() }), answer).QueueUrl;
    },
    // Without Docker moto returns the event for any function name.
    echoFunction: async () => newName('echo'),
    failingFunction: async () => newName('failing'),
    async listedFunction() {
      const role = await roleForFunctions(account);
      const FunctionName = newName('listed');
      const Code = { ZipFile: Buffer.from('moto unpacks no code here') };
      const definition = { FunctionName, Role: role, Handler: 'index.handler', Timeout: 7, Code };
      await lambda.send(new CreateFunctionCommand({ ...definition, Runtime: 'nodejs22.x' }));
      return FunctionName;
    },
    async stack() {
      const StackName = newName('stack');
      const Resources = Object.fromEntries(['First', 'Second'].map((id) => [id, { Type: 'AWS::SQS::Queue' }]));
      await askQuery(account, 'cloudformation', 'CreateStack', {
        StackName,
        TemplateBody: JSON.stringify({ Resources }),
      });
      return StackName;
    },
    async setTimeToLive(TableName, AttributeName) {
      const TimeToLiveSpecification = { AttributeName, Enabled: true };
      await dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
    },
    async close() {
      destroy(clients);
    },
  };
  return account;
}

/** Makes a role that Lambda may take, and returns its ARN. */
async function roleForFunctions(account: Account): Promise<string> {
  const Statement = [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }];
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  const input = { RoleName: newName('role'), AssumeRolePolicyDocument };
  const { body } = await askQuery(account, 'iam', 'CreateRole', input);
  return present(/<Arn>([^<]+)</.exec(body)?.[1], 'Arn');
}
