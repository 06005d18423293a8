import type { Difference, Differences } from './difference.ts';

const secrets = 'https://docs.aws.amazon.com/secretsmanager/latest/apireference';
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
