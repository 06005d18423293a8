import { DescribeSubnetsCommand, DescribeVpcsCommand } from '@aws-sdk/client-ec2';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { DescribeSecretCommand, ListSecretsCommand } from '@aws-sdk/client-secrets-manager';
import { type Account, type Network, present, unknownId } from '../account.ts';
import { type Operation, outcomeOf, pagesOf } from '../check.ts';

const sixNetworks = async (account: Account): Promise<readonly Network[]> => {
  const networks: Network[] = [];
  for (let number = 0; number < 6; number += 1) networks.push(await account.network());
  return networks;
};

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcs.html */
export const describeVpcs: Operation = {
  name: 'EC2 DescribeVpcs',
  checks: {
    'shows a VPC by its id': {
      aws: ['10.0.0.0/16'],
      async observe(account) {
        const { vpcId } = await account.network();
        const { Vpcs = [] } = await account.ec2.send(new DescribeVpcsCommand({ VpcIds: [vpcId] }));
        return Vpcs.map(({ CidrBlock }) => CidrBlock);
      },
    },
    'an unknown id is refused': {
      aws: 'InvalidVpcID.NotFound 400',
      observe: ({ ec2 }) => outcomeOf(ec2.send(new DescribeVpcsCommand({ VpcIds: [unknownId('vpc')] }))),
    },
    'pages have each VPC once': {
      aws: { sizes: [5, 1], different: 6 },
      async observe(account) {
        const Filters = [{ Name: 'vpc-id', Values: (await sixNetworks(account)).map(({ vpcId }) => vpcId) }];
        const pages = await pagesOf(async (token: string | undefined) => {
          const page = { Filters, MaxResults: 5, ...(token !== undefined && { NextToken: token }) };
          const { Vpcs = [], NextToken } = await account.ec2.send(new DescribeVpcsCommand(page));
          return { items: Vpcs.map(({ VpcId }) => VpcId), next: NextToken };
        });
        return { sizes: pages.map((page) => page.length), different: new Set(pages.flat()).size };
      },
    },
  },
};

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html */
export const describeSubnets: Operation = {
  name: 'EC2 DescribeSubnets',
  checks: {
    'shows a subnet by its id': {
      aws: ['10.0.0.0/24'],
      async observe(account) {
        const { subnetId } = await account.network();
        const { Subnets = [] } = await account.ec2.send(new DescribeSubnetsCommand({ SubnetIds: [subnetId] }));
        return Subnets.map(({ CidrBlock }) => CidrBlock);
      },
    },
    'an unknown id is refused': {
      aws: 'InvalidSubnetID.NotFound 400',
      observe: ({ ec2 }) => outcomeOf(ec2.send(new DescribeSubnetsCommand({ SubnetIds: [unknownId('subnet')] }))),
    },
    'pages have each subnet once': {
      aws: { sizes: [5, 1], different: 6 },
      async observe(account) {
        const Filters = [{ Name: 'subnet-id', Values: (await sixNetworks(account)).map(({ subnetId }) => subnetId) }];
        const pages = await pagesOf(async (token: string | undefined) => {
          const page = { Filters, MaxResults: 5, ...(token !== undefined && { NextToken: token }) };
          const { Subnets = [], NextToken } = await account.ec2.send(new DescribeSubnetsCommand(page));
          return { items: Subnets.map(({ SubnetId }) => SubnetId), next: NextToken };
        });
        return { sizes: pages.map((page) => page.length), different: new Set(pages.flat()).size };
      },
    },
  },
};

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html */
export const listSecrets: Operation = {
  name: 'SecretsManager ListSecrets',
  checks: {
    'finds secrets by the beginning of their names': {
      aws: { names: 1, isThere: true, hasValue: false },
      async observe(account) {
        const SecretId = await account.secret('one');
        const { Name = '' } = await account.secrets.send(new DescribeSecretCommand({ SecretId }));
        const Filters = [{ Key: 'name' as const, Values: [Name.slice(0, -1)] }];
        const { SecretList = [] } = await account.secrets.send(new ListSecretsCommand({ Filters }));
        const [shown] = SecretList;
        return {
          names: SecretList.length,
          isThere: shown?.ARN === SecretId,
          hasValue: 'SecretString' in (shown ?? {}),
        };
      },
    },
    'pages have each secret once': {
      aws: true,
      async observe(account) {
        const arns = [await account.secret('one'), await account.secret('two'), await account.secret('three')];
        const pages = await pagesOf(async (token: string | undefined) => {
          const page = { MaxResults: 2, ...(token !== undefined && { NextToken: token }) };
          const { SecretList = [], NextToken } = await account.secrets.send(new ListSecretsCommand(page));
          return { items: SecretList.map(({ ARN }) => ARN), next: NextToken };
        });
        const listed = pages.flat();
        return pages.length > 1 && arns.every((arn) => listed.filter((one) => one === arn).length === 1);
      },
    },
    'DescribeSecret shows the stage of the current version': {
      aws: [['AWSCURRENT']],
      async observe(account) {
        const SecretId = await account.secret('one');
        const { VersionIdsToStages } = await account.secrets.send(new DescribeSecretCommand({ SecretId }));
        return Object.values(VersionIdsToStages ?? {});
      },
    },
  },
};

/** https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html */
export const listFunctions: Operation = {
  name: 'Lambda ListFunctions',
  checks: {
    'lists a function with its time-out': {
      aws: { timeout: 7, namesItself: true },
      async observe(account) {
        const name = await account.listedFunction();
        const { Functions = [] } = await account.lambda.send(new ListFunctionsCommand({}));
        const shown = present(
          Functions.find(({ FunctionName }) => FunctionName === name),
          'the function',
        );
        return { timeout: shown.Timeout, namesItself: shown.FunctionArn?.endsWith(`:function:${name}`) };
      },
    },
    'pages have each function once': {
      aws: { isPaged: true, isListed: true },
      async observe(account) {
        const names = [await account.listedFunction(), await account.listedFunction()];
        const pages = await pagesOf(async (Marker: string | undefined) => {
          const command = new ListFunctionsCommand({ MaxItems: 1, ...(Marker !== undefined && { Marker }) });
          const { Functions = [], NextMarker } = await account.lambda.send(command);
          return { items: Functions.map(({ FunctionName }) => FunctionName), next: NextMarker };
        });
        const listed = pages.flat();
        return {
          isPaged: pages.length > 1,
          isListed: names.every((name) => listed.filter((one) => one === name).length === 1),
        };
      },
    },
  },
};

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
export const putEvents: Operation = {
  name: 'EventBridge PutEvents',
  checks: {
    'gives each event an id': {
      aws: { failed: 0, ids: 2 },
      async observe({ events }) {
        const entry = { Source: 'shop', DetailType: 'order', Detail: '{"number":1}', Resources: ['order/1'] };
        const { FailedEntryCount, Entries = [] } = await events.send(new PutEventsCommand({ Entries: [entry, entry] }));
        return { failed: FailedEntryCount, ids: new Set(Entries.map(({ EventId }) => EventId)).size };
      },
    },
  },
};
