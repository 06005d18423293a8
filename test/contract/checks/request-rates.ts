import { DeleteSecurityGroupCommand } from '@aws-sdk/client-ec2';
import { unknownId } from '../account.ts';
import { type Operation, outcomesOf } from '../check.ts';
import { fargate } from '../fargate.ts';

/** More calls than the tokens of some seconds. EC2 serves 50 and then 5 a second, Fargate 20 and then 20 a second. */
const manyTimes = 150;

export const requestRates: Operation = {
  name: 'Request rates',
  checks: {
    'EC2 refuses calls above its rate': {
      aws: ['InvalidGroup.NotFound 400', 'RequestLimitExceeded 503'],
      observe: ({ ec2 }) =>
        outcomesOf(() => ec2.send(new DeleteSecurityGroupCommand({ GroupId: unknownId('sg') })), manyTimes),
    },
    'ECS refuses tasks above the rate of Fargate': {
      aws: ['ClientException 400', 'ThrottlingException 400'],
      async observe(account) {
        const { run } = await fargate(account);
        return outcomesOf(() => run({ taskDefinition: 'none:1' }), manyTimes);
      },
    },
  },
};
