import type { Difference, Differences } from './difference.ts';

const secrets = 'https://docs.aws.amazon.com/secretsmanager/latest/apireference';
const stackResources =
  'https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html';
const invoke = 'https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html';

const status404 = (operation: 'GetSecretValue' | 'PutSecretValue'): Difference => ({
  moto: 'ResourceNotFoundException 404',
  fact: 'ResourceNotFoundException comes with the status 400.',
  source: `${secrets}/API_${operation}.html`,
});

const unknownFunction: Difference = {
  moto: 'accepted',
  fact: 'ResourceNotFoundException, with the status 404. (Without Docker, moto knows no function.)',
  source: invoke,
};

export const otherDifferences: Differences = {
  'CloudFormation DescribeStackResources': {
    'shows all resources of the stack that has a physical id': {
      moto: [],
      fact: 'With PhysicalResourceId the answer has all resources of the stack that the resource belongs to.',
      source: stackResources,
    },
    'a stack beside a physical id is refused': {
      moto: { status: 200, code: [] },
      fact: 'The request names either StackName or PhysicalResourceId, but not both.',
      source: stackResources,
    },
  },
  'ElastiCache DescribeServerlessCaches': {
    'a resource that does not exist is refused': {
      moto: 'undefined 500',
      fact: 'ServerlessCacheNotFoundFault, with the status 404. (moto does not have the operation.)',
      source: 'https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DescribeServerlessCaches.html',
    },
  },
  'Lambda ListFunctions': {
    'pages have each function once': {
      moto: { isPaged: false, isListed: true },
      fact: 'MaxItems is the most functions of an answer, and Marker leads to the next ones.',
      source: 'https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html',
    },
  },
  'SSM GetParameter': {
    'a name that no parameter can have is refused': {
      moto: 'ParameterNotFound 400',
      fact: 'Names have only letters, digits and . - _ /',
      source: 'https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html',
    },
  },
  'SecretsManager GetSecretValue': {
    'an unknown secret is refused': status404('GetSecretValue'),
    'a previous value that does not exist is refused': status404('GetSecretValue'),
    'an unknown version is refused': status404('GetSecretValue'),
    'a version beside a stage that it does not have is refused': {
      moto: ['two', 'InvalidRequestException 404'],
      fact: 'ResourceNotFoundException: the secret has no version that is both. Refusals come with the status 400.',
      source: `${secrets}/API_GetSecretValue.html`,
    },
  },
  'SecretsManager PutSecretValue': {
    'an unknown secret is refused': status404('PutSecretValue'),
  },
  'Lambda Invoke': {
    'a function that throws is a success with the error in its payload': {
      moto: { status: 200, error: undefined, failure: {} },
      fact: 'FunctionError says that the function failed, and the payload has the error. (Without Docker, moto runs no code.)',
      source: invoke,
    },
    'an asynchronous invocation is accepted and returns nothing': {
      moto: { status: 202, error: undefined, payload: '{"sessionId":"ü"}' },
      fact: 'An asynchronous invocation returns 202 before the function runs, so it has no result.',
      source: invoke,
    },
    'an unknown function is refused': unknownFunction,
    'an asynchronous invocation of an unknown function is refused': unknownFunction,
  },
  'Request rates': {
    'EC2 refuses calls above its rate': {
      moto: ['InvalidGroup.NotFound 400'],
      fact: 'RequestLimitExceeded: each action has a bucket of tokens that is refilled at a fixed rate.',
      source: 'https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html',
    },
    'ECS refuses tasks above the rate of Fargate': {
      moto: ['ClientException 400'],
      fact: 'ThrottlingException, with the status 400: buckets of tokens that are refilled at a fixed rate.',
      source: 'https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html',
    },
  },
  'STS GetCallerIdentity': {
    'an unknown action is refused': {
      moto: { status: 500, code: undefined },
      fact: 'InvalidAction: the action is not valid, with the status 400.',
      source: 'https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html',
    },
  },
};
